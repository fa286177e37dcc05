import postgres from "postgres";
import type { LogFile } from "./log_file.ts";
import { startPostgres } from "./postgres.ts";
import type { PostgresHome } from "./postgres_home.ts";
import { type Report, StackError } from "./report.ts";
import { loginUrls, type PerLogin, prepareDatabase, setPasswords, SUPERUSER } from "./roles.ts";
import { applyMigrations } from "./supabase_cli.ts";

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
type DatabaseOptions = Shared & { home: PostgresHome; port: number; passwords: PerLogin };

/**
 * Starts PostgreSQL, makes a Supabase database of it and brings it up to the last migration. Resolves with its address for
 * each role that logs in.
 */
export async function startDatabase(options: DatabaseOptions): Promise<PerLogin> {
  const { root, parts, log, report, signal, home, port, passwords } = options;
  const urls = loginUrls(port, passwords);
  let isUp = report.begin("PostgreSQL");
  const server = await startPostgres({
    home,
    port,
    superuserPassword: passwords[SUPERUSER],
    log: log("postgres"),
    signal,
    onRestart: report.line,
  });
  parts.defer(server.stop);
  isUp(await prepare(urls[SUPERUSER], passwords));

  isUp = report.begin("migrations");
  const applied = await applyMigrations({ root, dbUrl: urls.postgres, log: log("migrations") });
  isUp(applied > 0 ? `${applied} applied` : "up to date");
  return urls;
}

async function prepare(superuserUrl: string, passwords: PerLogin): Promise<string> {
  // A function that the owner of a schema left in the place of a trigger's would run as whoever logs in here.
  const connection = { event_triggers: "off" };
  const sql = postgres(superuserUrl, { max: 1, onnotice: () => {}, connection });
  try {
    await prepareDatabase(sql);
    await setPasswords(sql, passwords);
    const [row] = await sql`select current_setting('server_version') as version`;
    return row?.version;
  } catch (error) {
    if (!(error instanceof postgres.PostgresError && error.code === NO_SUCH_LOGIN)) throw error;
    throw new StackError(
      `the data have another password of ${SUPERUSER} than keys.json: they were made by an earlier version, ` +
        "or keys.json is not the one they were made with: put that one back. " +
        "Else --fresh starts anew, and deletes all local data",
    );
  } finally {
    await sql.end();
  }
}

const NO_SUCH_LOGIN = "28P01";
