/** The Data API as its own process: @supabase/lite on the stack's PostgreSQL. Its settings come from the environment. */
import { App } from "@supabase/lite";
import { parseExactJson } from "../../supabase/functions/_clerk_sync/exact_json.ts";
import { DataApiConnection } from "./data_api_connection.ts";
import { HOST } from "./ports.ts";
import { refusalOfJson } from "./postgrest_requests.ts";
import type { DataApiSettings } from "./services.ts";

/**
 * The driver may lose a query, and never settle it, when its connection breaks at the wrong moment; that of the schema, for
 * which all requests wait, too. Longer than this no query can run, for no role has more than 8 s: the answer is then PostgREST's
 * for a connection that can't be had, and this process ends, to be started again with connections that are whole.
 */
const REQUEST_TIMEOUT_MS = 9000;

/** Long enough for that answer to go out. */
const LAST_WORDS_MS = 200;

// PostgREST hands JSON on as it is; lite parses it, and would round its numbers.
const { parse } = JSON;
JSON.parse = (text, reviver) => reviver ? parse(text, reviver) : parseExactJson(String(text));

/** lite writes what is JSON itself, but for texts, which were written before. */
function toJsonText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * For a `sub` that is a UUID lite looks for a user of its own sign-in, and for a session of theirs, though that is off:
 * it knows nobody. The token is checked all the same.
 */
const NOBODY = { repo: { findUserById: () => null, findSessionById: () => null } };

const settings: DataApiSettings = JSON.parse(Deno.env.get("DATA_API") ?? "{}");
const { port, urls, config, keys } = settings;

const connection = new DataApiConnection({
  urls,
  searchPath: config.searchPath,
  postgresOptions: {
    // PostgREST's own default. With more, the database's processes get in each other's way.
    max: 10,
    // The server comes back within a moment: don't wait longer and longer, as the driver would.
    backoff: () => 0.1,
    connect_timeout: 5,
    types: {
      json: { to: 114, from: [114], serialize: toJsonText, parse: JSON.parse },
      jsonb: { to: 3802, from: [3802], serialize: toJsonText, parse: JSON.parse },
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
  options: {
    server: {
      admin: false,
      middlewares: [async (context, next) => {
        context.set("authService", NOBODY as never);
        await next();
      }],
    },
  },
});

// A failed look at the schema counts as an empty one: be sure of the database first, then serve.
await connection.readRoleSettings();
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
    timer = setTimeout(() => {
      resolve(noConnection());
      setTimeout(() => Deno.exit(1), LAST_WORDS_MS);
    }, REQUEST_TIMEOUT_MS);
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
