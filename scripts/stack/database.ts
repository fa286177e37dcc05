import postgres from "postgres";
import type { LogFile } from "./log_file.ts";
import { applyMigrations } from "./migrations.ts";
import { startPostgres } from "./postgres.ts";
import type { PostgresHome } from "./postgres_home.ts";
import type { Report } from "./report.ts";
import { loginUrl, prepareDatabase, SUPERUSER } from "./roles.ts";
import { StackError } from "./stack_error.ts";

/** What the parts of a stack have in common. */
export type Shared = {
  root: string;
  /** Everything that has to be stopped again. */
  parts: AsyncDisposableStack;
  log: (name: string) => LogFile;
  report: Report;
  /** Ends a start that is under way. */
  signal: AbortSignal;
};

/** What the database needs besides. */
export type DatabaseOptions = Shared & { home: PostgresHome; port: number; dbUrl: string };

/** Starts PostgreSQL, makes a Supabase database of it and brings it up to the last migration. */
export async function startDatabase(options: DatabaseOptions): Promise<void> {
  const { root, parts, log, report, signal, home, port, dbUrl } = options;
  let startedAt = performance.now();
  const onRestart = report.line;
  const server = await startPostgres({ home, port, log: log("postgres"), signal, onRestart });
  parts.defer(server.stop);
  const version = await prepare(dbUrl);
  report.step("PostgreSQL", startedAt, version);

  startedAt = performance.now();
  const applied = await applyMigrations({ root, dbUrl, log: log("migrations") });
  report.step("migrations", startedAt, applied.length ? `${applied.length} applied` : "up to date");
  for (const name of applied) report.line(`                      ${name}`);
}

async function prepare(dbUrl: string): Promise<string> {
  const sql = postgres(loginUrl(dbUrl, SUPERUSER), { max: 1, onnotice: () => {} });
  try {
    await prepareDatabase(sql);
    const [row] = await sql`select current_setting('server_version') as version`;
    return row?.version;
  } catch (error) {
    if (!(error instanceof postgres.PostgresError && error.code === NO_SUCH_LOGIN)) throw error;
    throw new StackError(
      "the data were made by an earlier version, where `postgres` was a superuser; " +
        "--fresh starts anew",
    );
  } finally {
    await sql.end();
  }
}

const NO_SUCH_LOGIN = "28P01";
