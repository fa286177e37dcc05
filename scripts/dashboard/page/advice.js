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

/** How an event is delivered again by hand; what is a command is in `code`. */
export const REPLAY = [
  {
    text:
      "From Clerk's Dashboard: Webhooks → the endpoint → Message Attempts → the message with this svix-id → Replay.",
  },
  { text: "From a body that you kept: ", code: "npm run replay -- --file body.json" },
];

/** @type {[RegExp, string][]} */
const MEANINGS = [
  [/^(timeout|57014)$/, "The database did not answer in time."],
  [/^(unreachable$|08|57P|53|PGRST00)/, "The database was down, or had no connection left."],
  [/^unexpected_answer$/, "SUPABASE_URL is not that of a Supabase project."],
  [/^(40001|40P01|55P03)$/, "Another transaction was in the way, three times."],
  [
    /^(42|PGRST)/,
    "The function and the database do not fit together: apply the migrations, deploy the function.",
  ],
  [/^invalid_body$/, "A field is missing or of the wrong kind."],
  [/^(22|54|235)/, "PostgreSQL does not store this value."],
];

/** The heading and the text for an outcome. */
export function adviceFor(outcome) {
  return outcome === "failed" ? FAILED : REJECTED;
}

/** What an error code means, in a sentence; empty where nothing more can be said. */
export function meaningOf(code) {
  return MEANINGS.find(([pattern]) => pattern.test(code ?? ""))?.[1] ?? "";
}
