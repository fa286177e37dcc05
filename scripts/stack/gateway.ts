import { type CheckToken, createCheckToken, type Issuer, toResponse } from "./check_token.ts";
import { proxy } from "./proxy.ts";
import { serveHttp } from "./serve_http.ts";
import type { DataApi, ServedFunction } from "./services.ts";

/** What stands behind the gateway. */
type GatewayOptions = {
  port: number;
  dataApi: Pick<DataApi, "url">;
  functions: ServedFunction[];
  /** Signs tokens of the stack's own. */
  jwtSecret: string;
  /** Who else may sign. */
  issuers: Issuer[];
  /** The keys of the stack's own issuer, and where they are published. */
  jwks: { path: string; body: object };
};

/** How long requests under way may still take when the stack stops. */
const DRAIN_MS = 2000;

/** The one address of the stack: the Data API and the functions, at the paths they have on Supabase. */
export function startGateway(options: GatewayOptions): { stop(): Promise<void> } {
  const { port, dataApi, functions, jwtSecret, issuers, jwks } = options;
  const checkToken = createCheckToken(jwtSecret, issuers);
  const server = serveHttp(port, (request, caller) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/rest/v1/")) {
      return callDataApi(request, caller, dataApi.url + pathname, checkToken);
    }
    if (pathname.startsWith("/functions/v1/")) {
      return callFunction(request, caller, functions, checkToken);
    }
    if (pathname === jwks.path) return Response.json(jwks.body);
    return refuse(404, "NOT_FOUND", "There is nothing at this path");
  });
  return {
    stop: async () => {
      // What still runs then gets its answer when the process behind it ends.
      await Promise.race([server.shutdown(), new Promise((wake) => setTimeout(wake, DRAIN_MS))]);
    },
  };
}

async function callDataApi(
  request: Request,
  caller: string,
  target: string,
  checkToken: CheckToken,
): Promise<Response> {
  const token = bearerToken(request.headers);
  // supabase-js sends its API key in the place of a token when nobody is signed in.
  if (!token || token.startsWith("sb_")) return await proxy(request, target, caller);
  const verdict = await checkToken(token);
  if (verdict.kind === "invalid") return toResponse(verdict.problem);
  if (verdict.kind === "unavailable") return refuse(503, "UNAVAILABLE", verdict.message);
  return await proxy(request, target, caller, { authorization: `Bearer ${verdict.token}` });
}

async function callFunction(
  request: Request,
  caller: string,
  functions: ServedFunction[],
  checkToken: CheckToken,
): Promise<Response> {
  // The function sees its own name as the first part of the path, as on Supabase.
  const path = new URL(request.url).pathname.slice("/functions/v1".length);
  const served = functions.find(({ name }) => name === path.split("/")[1]);
  if (!served) return refuse(404, "NOT_FOUND", "Requested function was not found");
  // A browser asks with OPTIONS first, and can't send the header then.
  if (served.verifyJwt && request.method !== "OPTIONS") {
    const refusal = await refusalOf(request.headers, checkToken);
    if (refusal) return refusal;
  }
  if (!served.isUp()) {
    return refuse(503, "BOOT_ERROR", "The function does not run; its log says why");
  }
  return await proxy(request, served.url() + path, caller);
}

/** Why a function that wants a JWT is not called; undefined when it is. It gets the token as it came. */
async function refusalOf(headers: Headers, checkToken: CheckToken): Promise<Response | undefined> {
  if (!headers.has("authorization")) {
    return refuse(401, "UNAUTHORIZED", "Missing authorization header");
  }
  const token = bearerToken(headers);
  if (!token) return refuse(401, "UNAUTHORIZED", "Auth header is not 'Bearer {token}'");
  const verdict = await checkToken(token);
  if (verdict.kind === "invalid") return refuse(401, "UNAUTHORIZED", "Invalid JWT");
  if (verdict.kind === "unavailable") return refuse(503, "UNAVAILABLE", verdict.message);
  return undefined;
}

function bearerToken(headers: Headers): string | undefined {
  return /^bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
}

function refuse(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status });
}
