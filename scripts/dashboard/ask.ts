import { createClient } from "@supabase/supabase-js";
import { cached } from "../../supabase/functions/_clerk_sync/async.ts";
import { SCHEMA } from "../../supabase/functions/_clerk_sync/schema.ts";
import { EXPOSE, type Project } from "../project/project.ts";
import { readText } from "../simulate/delivery.ts";

/** Calls an RPC of the project that only reads; resolves with what it returned, or rejects with an AskError. */
export type Ask = (name: string, args?: object) => Promise<unknown>;

/** A question that got no answer. */
export class AskError extends Error {
  override name = "AskError";

  constructor(readonly problem: Problem) {
    super(problem.reason);
  }
}

/** Nobody looks at a page for longer than this while nothing moves. */
const TIMEOUT_MS = 5_000;

/** Asks the project through its Data API, with its secret key. */
export function createAsk(
  { url, secretKey, schema = SCHEMA }: Pick<Project, "url" | "secretKey"> & Partial<Project>,
): Ask {
  const client = createClient(url.href, secretKey, {
    db: { schema: schema as "public" },
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
  return async (name, args = {}) => {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), TIMEOUT_MS);
    try {
      const { data, error, status } = await client.rpc(name, args).abortSignal(timeout.signal);
      if (!error) return data;
      const isLate = timeout.signal.aborted;
      throw new AskError(problemOf({ code: isLate ? "timeout" : error.code, status }));
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Why the project did not answer, and what helps. Words of our own: no text of the other side is passed on. */
interface Problem {
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
    /^PGRST106/,
    "The Data API does not expose the schema of the sync.",
    EXPOSE,
  ],
  [
    /^(PGRST202|42883|http_404)/,
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

/** How many events the function has refused of late, as last heard; null while nothing was. Never rejects. */
export type AskRefused = () => Promise<number | null>;

/** As fresh as the function itself keeps its metrics. */
const FRESH_MS = 5_000;
const METRICS_TIMEOUT_MS = 5_000;

/** A snapshot waits no longer for a function that is slow to start: the next one has its number. */
const PATIENCE_MS = 150;

/** Asks the webhook of a project for its metrics, with the secret key: what it refuses reaches no database. */
export function createAskRefused(
  { url, secretKey }: Pick<Project, "url" | "secretKey">,
): AskRefused {
  const metrics = new URL("/functions/v1/clerk-webhook/metrics", url);
  let known: number | null = null;
  const ask = cached(async () => {
    known = await refusedAt(metrics, secretKey);
  }, FRESH_MS);

  return async () => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => timer = setTimeout(resolve, PATIENCE_MS));
    await Promise.race([ask(), patience]);
    clearTimeout(timer);
    return known;
  };
}

async function refusedAt(url: URL, secretKey: string): Promise<number | null> {
  const signal = AbortSignal.timeout(METRICS_TIMEOUT_MS);
  try {
    const headers = { apikey: secretKey };
    const text = await readText(await fetch(url, { headers, redirect: "manual", signal }));
    const [, count] = /^clerk_webhook_refused_events (\d{1,9})$/m.exec(text) ?? [];
    return count === undefined ? null : Number(count);
  } catch {
    return null;
  }
}
