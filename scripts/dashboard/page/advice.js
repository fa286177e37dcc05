/** What an open event means and what to do about it: all texts of that kind are here. */

const FAILED = {
  title: "Failed: the database could not apply it yet",
  text:
    "Mostly nothing is to be done: Svix delivers it again, eight times in some 28 hours, and it leaves this list " +
    "when a delivery succeeds. If they are over, mend the cause, then replay it.",
};

const REJECTED = {
  title: "Rejected: signed, but not what Clerk sends, or not storable",
  text:
    "Read the error: it names the field. Svix does not deliver it again. If the sync should take it after a " +
    "change, replay it.",
};

/** How an event is delivered again by hand, or given up; what is a command is in `code`. */
export const REPLAY = [
  {
    text:
      "From Clerk's Dashboard: Webhooks → the endpoint → Message Attempts → the message with this svix-id → Replay.",
  },
  { text: "From a body that you kept: ", code: "npm run replay -- --file body.json" },
  { text: "One that will never succeed is closed: ", code: "npm run events -- --close msg_…" },
];

const NOT_TOGETHER =
  "The function and the database do not fit together: apply the migrations, deploy the function.";

/**
 * By code alone.
 *
 * @type {[RegExp, string][]}
 */
const MEANINGS = [
  [/^(timeout|57014)$/, "The database did not answer in time."],
  [/^(unreachable$|08|57P|53|PGRST00)/, "The database was down, or had no connection left."],
  [/^unexpected_answer$/, "SUPABASE_URL is not that of a Supabase project."],
  [/^(40001|40P01|55P03)$/, "Another transaction was in the way, three times."],
  [/^(42883|42P01|PGRST20[25])$/, NOT_TOGETHER],
  [/^invalid_body$/, "A field is missing or of the wrong kind."],
];

/** The heading and the text for an outcome. */
export function adviceFor(outcome) {
  return outcome === "failed" ? FAILED : REJECTED;
}

/**
 * What went wrong with an event, by where its error comes from, in a sentence or two; empty where nothing more can be said.
 * The ledger names what refuses it, or where nothing has a name the function that it happened in: `in clerk_sync.merge_user`.
 */
export function meaningOf({ outcome, error_code, error }) {
  const known = MEANINGS.find(([pattern]) => pattern.test(error_code ?? ""))?.[1] ?? "";
  if (outcome === "rejected") return known || "PostgreSQL does not store this value.";
  if (!error) return known;
  const [isUnnamed, where] = /^in (.*)/.exec(error) ?? [];
  if (!isUnnamed) {
    return `A rule of your database refuses it: ${error}. Correct that there, then replay the event.`;
  }
  if (known === NOT_TOGETHER) return known;
  return `Something of your database that has no name refuses it in ${where}: a narrower type, a generated column, a check, ` +
    "an index on an expression. Correct that there, then replay the event.";
}
