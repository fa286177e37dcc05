import type { AnyAST, IntrospectResult } from "@supabase/lite";
import { type IPostgresConnectionConfig, PostgresConnection } from "@supabase/lite/postgres";
import { jsonAsText, unrelatedEmbedding } from "./postgrest_requests.ts";
import { requestError, toPostgrestError } from "./postgrest_error.ts";
import type { PerLogin } from "./roles.ts";

/** The database as the Data API logs in, and as the schema's owner. */
export type DataApiUrls = Pick<PerLogin, "authenticator" | "postgres">;

/** What the connection is made with. */
type DataApiConnectionOptions =
  & Required<Pick<IPostgresConnectionConfig, "postgresOptions">>
  & {
    urls: DataApiUrls;
    searchPath: string[];
  };

type Context = Parameters<PostgresConnection["withContext"]>;
type Transaction = Parameters<Context[1]>[0];

/**
 * The database as PostgREST reaches it: logged in as `authenticator`, who may take the roles of the API and no others, and
 * with what lite would let pass refused as there.
 */
export class DataApiConnection extends PostgresConnection {
  /** Reads the schema, as its owner: to `authenticator` information_schema shows nothing. */
  readonly #catalogue: PostgresConnection;
  #timeouts = new Map<string, string>();

  constructor({ urls, searchPath, postgresOptions }: DataApiConnectionOptions) {
    super({
      url: urls.authenticator,
      postgresOptions: {
        ...postgresOptions,
        connection: { application_name: "data-api", search_path: searchPath.join(", ") },
      },
    });
    this.#catalogue = new PostgresConnection({
      url: urls.postgres,
      postgresOptions: { ...postgresOptions, max: 1, connection: { application_name: "data-api" } },
    });
    // lite would switch roles only when it finds a table with row level security, and would then grant the API
    // roles everything in the schema of each such table, clerk_sync too. Ours has its roles and grants already.
    Object.assign(this, { rlsState: "active" });
  }

  /** Reads the settings of the roles that a caller may have, as PostgREST does when it starts. */
  async readRoleSettings(): Promise<void> {
    const rows = await this.driver<{ role: string; timeout: string }[]>`
      select rolname as role, split_part(setting, '=', 2) as timeout
      from pg_roles
      cross join unnest(rolconfig) setting
      where setting like 'statement_timeout=%'
        and setting <> 'statement_timeout=' || current_setting('statement_timeout')`;
    this.#timeouts = new Map(rows.map(({ role, timeout }) => [role, timeout]));
  }

  override introspect(options?: { useCache?: boolean }): Promise<IntrospectResult> {
    return this.#catalogue.introspect(options);
  }

  override async onPostgrestAST(ast: AnyAST): Promise<AnyAST> {
    const writes = ast.type === "update" || ast.type === "delete";
    if (writes && Object.keys(ast.where ?? {}).length === 0) {
      // What safeupdate says, which Supabase loads for the role that PostgREST logs in with.
      const message = `${ast.type?.toUpperCase()} requires a WHERE clause`;
      throw Object.assign(new Error(message), { code: "21000" });
    }
    const schema = await this.introspect({ useCache: true });
    const unrelated = unrelatedEmbedding(ast, schema);
    if (unrelated) {
      const [parent, child] = unrelated;
      const between = `between '${parent}' and '${child}' in the schema`;
      throw requestError(400, {
        code: "PGRST200",
        message: `Could not find a relationship ${between} cache`,
        details: `Searched for a foreign key relationship ${between} ` +
          `'${ast.schema ?? "public"}', but no matches were found.`,
        hint: null,
      });
    }
    return await super.onPostgrestAST(jsonAsText(ast, schema));
  }

  override withContext<T>(
    vars: Context[0],
    run: (transaction: Transaction) => Promise<T>,
    options?: Context[2],
  ): Promise<T> {
    const role = (vars?.auth as { role?: string } | undefined)?.role ?? "anon";
    const timeout = this.#timeouts.get(role);
    if (timeout === undefined) return super.withContext(vars, run, options);
    return super.withContext(vars, async (transaction) => {
      await transaction.selectNoFrom(({ fn, val }) =>
        fn("set_config", [val("statement_timeout"), val(timeout), val(true)]).as("timeout")
      ).execute();
      return await run(transaction);
    }, options);
  }

  override normalizeDbError(error: unknown): unknown {
    return toPostgrestError(error);
  }
}
