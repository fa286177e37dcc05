/** What an open event means and what to do about it: all texts of that kind are here, for the page and for `npm run events`. */

/** How an event is delivered again by hand, or given up; what is a command is in `code`. */
export const REPLAY = [
  {
    text:
      "From Clerk's Dashboard: Webhooks → the endpoint → Message Attempts → the message with this svix-id → Replay.",
  },
  { text: "From a body that you kept: ", code: "npm run replay -- --file body.json" },
  { text: "One that will never succeed is closed: ", code: "npm run events -- --close msg_…" },
];

const PASSES = "It passes by itself, or the database has too much to do: look at its load.";
const CONNECTIONS = "Is the project paused, or short of connections? Its Dashboard tells.";
const NOT_TOGETHER = [
  "The function and the database do not fit together.",
  "Apply the migrations, and deploy the function.",
];

/**
 * By code alone: what it means, and what to do.
 *
 * @type {[RegExp, string, string][]}
 */
const KNOWN = [
  [/^(timeout|57014)$/, "The database did not answer in time.", PASSES],
  [
    /^(unreachable$|08|57P|53|PGRST00)/,
    "The database was down, or had no connection left.",
    CONNECTIONS,
  ],
  [
    /^unexpected_answer$/,
    "SUPABASE_URL is not that of a Supabase project.",
    "Correct it for the function.",
  ],
  [/^(40001|40P01|55P03)$/, "Another transaction was in the way, three times.", PASSES],
  [/^(42883|42P01|PGRST20[25])$/, ...NOT_TOGETHER],
];

const REJECTED = {
  invalid_body: [
    "Its body is not what Clerk sends: a field is missing or of the wrong kind.",
    "Replay it once the function reads such a body. Until then it is rejected again.",
  ],
  other: [
    "It holds a value that PostgreSQL does not store.",
    "Correct that in Clerk: a new event follows, and this one can be closed.",
  ],
};

/** What to do where something of the app's refuses. */
const CORRECT =
  "Correct it, or what it refuses; then the next delivery goes in. One that does not come again is to be replayed.";

/**
 * What went wrong with an event, by where its error comes from: `meaning` and `remedy`, a sentence or two each. The ledger
 * names what refuses it, or where nothing has a name the function that it happened in: `in clerk_sync.merge_user`.
 */
export function adviceFor({ outcome, error_code, error }) {
  const [meaning, remedy] = outcome === "rejected"
    ? REJECTED[error_code] ?? REJECTED.other
    : adviceForFailed(error_code ?? "", error);
  return { meaning, remedy };
}

function adviceForFailed(code, error) {
  const [, ...known] = KNOWN.find(([pattern]) => pattern.test(code)) ?? [];
  if (!error) return known.length > 0 ? known : ["The database did not take it.", PASSES];
  const [isUnnamed, where] = /^in (.*)/.exec(error) ?? [];
  if (!isUnnamed) return ["A rule of your database refuses it.", CORRECT];
  if (known[0] === NOT_TOGETHER[0]) return known;
  return [
    `Something of your database that has no name refuses it in ${where}: a narrower type, a generated column, a check, an ` +
    "index on an expression.",
    CORRECT,
  ];
}

/** What is open, in a few words: what refuses it, else the code. */
export function causeOf({ error_code, error }) {
  return error ?? (error_code ? `code ${error_code}` : "no code");
}

/** The table of an event's row, by the first word of its type. */
const TABLES = {
  user: "users",
  organization: "organizations",
  organizationMembership: "organization_members",
  session: "user_sessions",
  subscription: "subscriptions",
  subscriptionItem: "subscriptions",
  organizationInvitation: "organization_invitations",
};

const DONE = {
  created: "was made",
  changed: "was changed",
  deleted: "was marked as deleted",
  remembered: "is not there yet: what the event says is remembered",
};

/** A member's row that something of the app's does not let go; the event's error names it. */
const KEPT = "is kept, without access";

const STALE = {
  newer_state: "a newer state was already here",
  newer_membership: "a newer membership of the same pair was already here",
  over: "it had been deleted or removed before",
};

/** What an event did to which row, or why it did nothing; empty where that is not known. */
export function effectOf({ outcome, effect, event_type, error }) {
  if (outcome === "stale") return STALE[effect] ?? STALE.newer_state;
  const table = TABLES[event_type.split(".")[0]];
  const isRemoval = effect === "deleted" && table === TABLES.organizationMembership;
  const done = isRemoval ? (error ? KEPT : "was removed") : DONE[effect];
  return done ? `${table ? `its row in ${table}` : "its row"} ${done}` : "";
}
