import * as z from "zod/mini";
import type { Ask, Reply } from "./ask.ts";
import { failure, Trouble } from "./check.ts";

/** What the Data API answered: JSON, or why not by code (SQLSTATE, PGRST…, or a word of ours). */
export type DataResult =
  | { kind: "done"; answer: unknown }
  | { kind: "refused"; status: number; code: string };

/** The Data API of a project, with one of its keys. */
export interface DataApi {
  rpc(name: string, args?: object): Promise<DataResult>;
  /** Reads no row, or some, of columns; `schema` another than the sync's, `where` in PostgREST's form. */
  select(
    table: string,
    columns: string,
    options?: { limit?: number; schema?: string; where?: string },
  ): Promise<DataResult>;
}

/** Reaches a schema of a project through its Data API, with a key. */
export function dataApi(ask: Ask, url: URL, key: string, own: string): DataApi {
  // A legacy key is a JWT and says who calls only there; a new one is no JWT and must not be sent so.
  const headers = { apikey: key, ...(key.startsWith("ey") && { authorization: `Bearer ${key}` }) };
  return {
    rpc: async (name, args = {}) =>
      resultOf(
        await ask(new URL(`/rest/v1/rpc/${name}`, url), {
          method: "POST",
          headers: { ...headers, "content-type": "application/json", "content-profile": own },
          body: JSON.stringify(args),
        }),
      ),
    select: async (table, columns, { limit = 0, schema = own, where } = {}) => {
      const query = `select=${columns}&limit=${limit}${where ? `&${where}` : ""}`;
      return resultOf(
        await ask(new URL(`/rest/v1/${table}?${query}`, url), {
          headers: { ...headers, "accept-profile": schema },
        }),
      );
    },
  };
}

function resultOf(reply: Reply): DataResult {
  if (reply.kind === "unanswered") return { kind: "refused", status: 0, code: reply.reason };
  const { status, text, word } = reply;
  const isDone = status >= 200 && status < 300;
  try {
    const answer = text === "" && status === 204 ? null : JSON.parse(text);
    if (isDone) return { kind: "done", answer };
  } catch {
    return { kind: "refused", status, code: isDone ? "unexpected_answer" : `HTTP_${status}` };
  }
  return { kind: "refused", status, code: word ?? `HTTP_${status}` };
}

/** Calls an RPC, and returns what it answers in its form; ends the check with what is wrong where it does not. */
export async function askProject<Schema extends z.ZodMiniType>(
  project: DataApi,
  name: string,
  schema: Schema,
  args: object = {},
): Promise<z.infer<Schema>> {
  const result = await project.rpc(name, args);
  if (result.kind === "refused") {
    const isMissing = result.code === "PGRST202" || result.code === "42883";
    throw new Trouble(
      isMissing
        ? failure(`${name} is not there`, PUSH)
        : failure(`${name} fails (${result.code})`, `${PUSH}; then look at the project's log.`),
    );
  }
  const parsed = schema.safeParse(result.answer);
  if (parsed.success) return parsed.data;
  throw new Trouble(failure(`${name} returns something else`, PUSH));
}

/** Brings a database up to the migrations of this folder. */
export const PUSH = "npx supabase db push --remote";

const Run = z.nullable(z.looseObject({
  state: z.unknown(),
  updated_at: z.string(),
  finished_at: z.nullable(z.string()),
}));

const SyncStatus = z.looseObject({
  last: z.record(z.string(), z.nullable(z.string())),
  open: z.looseObject({
    failed: z.int(),
    rejected: z.int(),
    oldest_at: z.nullable(z.string()),
    newest_error: z.nullish(z.string()),
  }),
  last_backfill: Run,
  last_drift_check: Run,
  change_queue: z.nullish(z.looseObject({
    sources: z.array(z.string()),
    is_there: z.boolean(),
    unsent: z.int(),
  })),
});

/** A backfill or a drift check; null when there was none. */
type SyncRun = z.infer<typeof Run>;

/** Asks how the sync is doing. */
export function askStatus(project: DataApi) {
  return askProject(project, "sync_status", SyncStatus);
}
