/** Why the project did not answer, and what helps. Words of our own: no text of the other side is passed on. */
export interface Problem {
  /** PostgreSQL's, PostgREST's or a word of ours. */
  code: string;
  reason: string;
  remedy: string;
}

/** Tells from an error's code, or from the HTTP status where it has none, what is wrong. */
export function problemOf({ code, status }: { code: string | undefined; status: number }): Problem {
  const known = code || (status > 0 ? `http_${status}` : "unreachable");
  const [, reason, remedy] = PROBLEMS.find(([pattern]) => pattern.test(known)) ?? OTHER;
  return { code: known, reason, remedy };
}

const RETRIES = "This page tries again by itself.";

const PROBLEMS: [pattern: RegExp, reason: string, remedy: string][] = [
  [
    /^unreachable$/,
    "The Data API cannot be reached.",
    `Is the local stack running (npm start), or is the hosted project paused? ${RETRIES}`,
  ],
  [
    /^(timeout|57014)$/,
    "The database does not answer in time.",
    `It is overloaded, or locked by something that runs long. ${RETRIES}`,
  ],
  [
    /^(PGRST00[0-3]|08|57P|53|http_5)/,
    "The database cannot be reached.",
    `The Data API is there, the database behind it is not. ${RETRIES}`,
  ],
  [
    /^(http_401|http_403|42501|PGRST30)/,
    "The key is not accepted.",
    "It has to be the project's own secret key: set SUPABASE_SECRET_KEY and start this page again.",
  ],
  [
    /^(PGRST202|PGRST106|42883|http_404)/,
    "The functions of the sync are not in this database.",
    "Apply the migrations: npx supabase db push --remote.",
  ],
  [
    /^unexpected_answer$/,
    "What answers is not the Data API of this sync.",
    "SUPABASE_URL has to be that of the project, https://<project ref>.supabase.co.",
  ],
];

const OTHER = [/./, "The database answers with an error.", RETRIES] as const;
