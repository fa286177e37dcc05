import postgres, { type Sql } from "postgres";
import { UsageError } from "../command/usage_error.ts";

/** What a database says of a change beforehand. */
export interface Answer {
  /** What is in the way, with what to do about it; null: nothing. */
  obstacle: string | null;
  /** What is only worth knowing. */
  notices: string[];
}

/** A database that is only read. */
export interface ReadDatabase extends AsyncDisposable {
  /** The version of the sync that it has; null: none. */
  version(): Promise<string | null>;
  /** Runs a block of PL/pgSQL that raises what is in the way. */
  ask(block: string): Promise<Answer>;
}

/** PostgreSQL's object_not_in_prerequisite_state: how our blocks raise what is in the way. */
const IN_THE_WAY = "55000";

/**
 * Reads a database, each question in a transaction of its own that is read only. Throws a UsageError where it can't be
 * reached, or doesn't answer: never with its address, which may hold a password.
 */
export function readDatabase(dbUrl: string): ReadDatabase {
  const url = URL.parse(dbUrl);
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new UsageError(
      "--db-url is an address like postgresql://postgres@127.0.0.1:54322/postgres.",
    );
  }
  let notices: string[] = [];
  const isHere = ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  const sql = postgres(dbUrl, {
    max: 1,
    connect_timeout: 10,
    // A pooler may give each transaction another session.
    prepare: false,
    onnotice: ({ message }) => notices.push(message ?? ""),
    ...(isHere || url.searchParams.has("sslmode") ? {} : { ssl: "require" as const }),
  });
  const read = async <Value>(
    question: (sql: Sql) => Promise<Value>,
    expected: (error: { code?: string; message: string }) => string | null = () => null,
  ): Promise<Value | string> => {
    try {
      return await sql.begin("read only", async (transaction) => {
        await transaction`set local statement_timeout = '60s'`;
        return await question(transaction as unknown as Sql);
      }) as Value;
    } catch (error) {
      const answer = expected(error as Error);
      if (answer !== null) return answer;
      throw new UsageError(`The database can't be asked: ${(error as Error).message}`);
    }
  };
  return {
    version: () =>
      read(async (sql) => {
        const [row] = await sql`select to_regprocedure('clerk_sync.version()') is not null as has`;
        if (!row!.has) return null;
        const [said] = await sql`select clerk_sync.version()`;
        return said!.version;
      }),
    ask: async (block) => {
      notices = [];
      const obstacle = await read(async (sql) => {
        await sql`set local search_path = pg_catalog, pg_temp`;
        await sql.unsafe(`do $asked$${block}$asked$`).simple();
        return null;
      }, (error) => error.code === IN_THE_WAY ? error.message : null);
      return { obstacle, notices };
    },
    [Symbol.asyncDispose]: () => sql.end({ timeout: 5 }),
  };
}

/** The body of the first block between marks, as $preflight$, of a migration. */
export function blockIn(text: string, mark: string): string {
  const [, body] = text.split(`$${mark}$`);
  if (body === undefined) throw new Error(`there is no $${mark}$`);
  return body;
}
