/** The Data API as its own process: @supabase/lite on the stack's PostgreSQL. Its settings come from the environment. */
import { App } from "@supabase/lite";
import { type IPostgresConnectionConfig, PostgresConnection } from "@supabase/lite/postgres";
import { refusalOfJson } from "./broken_json.ts";
import type { DataApiSettings } from "./data_api.ts";
import { HOST } from "./ports.ts";
import { toPostgrestError } from "./postgrest_error.ts";

class DataApiConnection extends PostgresConnection {
  constructor(config: IPostgresConnectionConfig) {
    super(config);
    // lite would switch roles only when it finds a table with row level security, and would then grant the API
    // roles everything in the schema of each such table, clerk_sync too. Ours has its roles and grants already.
    Object.assign(this, { rlsState: "active" });
  }

  override normalizeDbError(error: unknown): unknown {
    return toPostgrestError(error);
  }
}

/**
 * lite hands objects and arrays over as JSON text and a string as it is; its own serializer would encode that text
 * once more, and the database would store a JSON string.
 */
function encodeOnce(value: unknown): string {
  return typeof value === "string" && isJsonContainer(value) ? value : JSON.stringify(value);
}

function isJsonContainer(text: string): boolean {
  if (!/^[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const STATEMENT_TIMEOUT_MS = 8000;

/**
 * The driver may lose a query, and never settle it, when its connection breaks at the wrong moment. Longer than
 * this no query can run: the answer is then PostgREST's for a connection that can't be had.
 */
const REQUEST_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 1000;

const settings: DataApiSettings = JSON.parse(Deno.env.get("DATA_API") ?? "{}");
const { port, dbUrl, config, keys } = settings;

const connection = new DataApiConnection({
  url: dbUrl,
  postgresOptions: {
    // PostgREST's own default. With more, the database's processes get in each other's way.
    max: 10,
    // The server comes back within a moment: don't wait longer and longer, as the driver would.
    backoff: () => 0.1,
    connect_timeout: 5,
    connection: {
      application_name: "data-api",
      search_path: config.searchPath.join(", "),
      // What a hosted project sets for the role that PostgREST logs in with.
      statement_timeout: STATEMENT_TIMEOUT_MS,
      lock_timeout: STATEMENT_TIMEOUT_MS,
    },
    types: {
      json: { to: 114, from: [114], serialize: encodeOnce, parse: JSON.parse },
      jsonb: { to: 3802, from: [3802], serialize: encodeOnce, parse: JSON.parse },
    },
  },
});

const app = new App({
  connection,
  api: { schemas: config.schemas, max_rows: config.maxRows },
  // No sign-in here: users are Clerk's. The keys still say who calls, and the secret checks a caller's token.
  auth: {
    enabled: false,
    publishable_key: keys.publishable,
    secret_key: keys.secret,
    jwt_secret: keys.jwtSecret,
  },
  studio: { enabled: false },
  options: { server: { admin: false } },
});

// A failed look at the schema counts as an empty one: be sure of the database first, then serve.
await connection.driver`select 1`;
await app.init();
await connection.introspect();
await connection.driver.listen("pgrst", () => connection.introspect());
Deno.serve(
  { hostname: HOST, port, onListen: () => {} },
  async (request, info) =>
    await refusalOfJson(request) ?? await answer(request, info.remoteAddr.hostname),
);

async function answer(request: Request, peerAddress: string): Promise<Response> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<Response>((resolve) => {
    timer = setTimeout(() => resolve(noConnection()), REQUEST_TIMEOUT_MS);
  });
  try {
    return await Promise.race([app.fetch(request, { peerAddress }), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function noConnection(): Response {
  const message = "Timed out acquiring connection from connection pool.";
  return Response.json({ code: "PGRST003", message, details: null, hint: null }, { status: 504 });
}
