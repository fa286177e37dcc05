import { answerOfFault, CutOff, Faults } from "./faults.ts";
import type { ClerkInstance } from "./instance.ts";
import { assertKnown, type Route, ROUTES } from "./routes.ts";
import { billingOff, organizationsOff, Refusal, tooManyRequests } from "./refusal.ts";

/** What to serve. */
export interface ClerkApiServerOptions {
  instance: ClerkInstance;
  secretKey?: string;
  /** The keys of /v1/jwks, as `SessionTokens` has them. */
  jwks?: { keys: unknown[] };
  rateLimit?: RateLimit | undefined;
  port?: number;
}

/** A running stand-in for Clerk's Backend API. */
export interface ClerkApiServer extends AsyncDisposable {
  /** The `apiUrl` of Clerk's client. */
  url: string;
  secretKey: string;
  instanceId: string;
  /** What was asked for, as `GET /v1/users?limit=10`, in the order of arrival. */
  requests: string[];
  faults: Faults;
  /** The Dashboard's switch: off, every path of organizations is refused, whatever the instance holds. */
  hasOrganizations: boolean;
  /** Likewise of Billing; off, it answers by this status. */
  billing: "on" | 403 | 404;
}

/** Starts it on loopback. It is as strict as Clerk: what Clerk refuses, or may refuse, is refused. */
export function startClerkApi(options: ClerkApiServerOptions): ClerkApiServer {
  const { instance, jwks = { keys: [] }, rateLimit, port = 0 } = options;
  const secretKey = options.secretKey ?? `sk_test_${crypto.randomUUID().replaceAll("-", "")}`;
  const requests: string[] = [];
  const faults = new Faults();
  const limited = rateLimit ? createRateLimit(rateLimit) : () => null;
  const routes = [...ROUTES, jwksRoute(jwks)];
  const end = new AbortController();

  const server = Deno.serve(
    { port, hostname: "127.0.0.1", signal: end.signal, onListen() {}, onError: serverError },
    async (request) => {
      const url = new URL(request.url);
      requests.push(`${request.method} ${url.pathname}${url.search}`);
      const fault = faults.take(url);
      const answer = fault && await answerOfFault(fault, end.signal);
      if (answer) return answer;
      const wait = limited();
      if (wait !== null) return tooManyRequests(wait);
      return answerAsClerk(request, url);
    },
  );

  function answerAsClerk(request: Request, url: URL): Response {
    try {
      const { route, ids } = routeOf(routes, url.pathname);
      assertGet(request);
      assertHeaders(request.headers, secretKey);
      assertKnown(url.searchParams, route);
      assertEnabled(route);
      const headers = { "Content-Type": "application/json" };
      return new Response(route.answer(instance, url.searchParams, ...ids), { headers });
    } catch (error) {
      if (error instanceof Refusal) return error.toResponse();
      throw error;
    }
  }

  function assertEnabled({ needs = [] }: Route): void {
    const { hasOrganizations, billing } = running;
    if (needs.includes("organizations") && !hasOrganizations) throw organizationsOff();
    if (needs.includes("billing") && billing !== "on") throw billingOff(billing);
  }

  const running: ClerkApiServer = {
    url: `http://127.0.0.1:${server.addr.port}`,
    secretKey,
    instanceId: instance.id,
    requests,
    faults,
    hasOrganizations: true,
    billing: "on",
    [Symbol.asyncDispose]: async () => {
      // Cuts off what still hangs.
      end.abort();
      await server.finished;
    },
  };
  return running;
}

function jwksRoute(jwks: { keys: unknown[] }): Route {
  const answer = () => JSON.stringify(jwks);
  return { path: /^\/v1\/jwks$/, parameters: [], answer };
}

function routeOf(routes: Route[], path: string): { route: Route; ids: string[] } {
  for (const route of routes) {
    const match = route.path.exec(path);
    if (match) return { route, ids: match.slice(1).map(decodeURIComponent) };
  }
  throw new Refusal(404, "url_not_found", "URL not found", "There is nothing at this URL.");
}

function assertGet({ method }: Request): void {
  if (method === "GET") return;
  throw new Refusal(405, "method_not_allowed", `${method} is not allowed here`);
}

/** `clerk_key_invalid` is the one code of these that Clerk's client looks for. */
function assertHeaders(headers: Headers, secretKey: string): void {
  const key = /^Bearer (\S+)$/.exec(headers.get("Authorization") ?? "")?.[1];
  if (!key) {
    throw new Refusal(401, "authentication_invalid", "Invalid authentication", "No secret key.");
  }
  if (key !== secretKey) {
    const text = "The provided Clerk Secret Key is invalid. Make sure that it is correct.";
    throw new Refusal(401, "clerk_key_invalid", text);
  }
  if (!/^\d{4}-\d{2}-\d{2}$/.test(headers.get("Clerk-API-Version") ?? "")) {
    throw new Refusal(400, "api_version_invalid", "Clerk-API-Version must be a date");
  }
}

/** What a fault or the end of the server breaks off ends here too, with nobody to read this. */
function serverError(error: unknown): Response {
  const isOnPurpose = error instanceof CutOff || (error as Error).name === "AbortError";
  if (!isOnPurpose) console.error(error);
  return new Response("the stand-in itself failed", { status: 500 });
}

/** So many requests in every window of time, as Clerk's 100 (development) or 1000 (production) in 10 s. */
export interface RateLimit {
  requests: number;
  windowMs: number;
}

/** Counts requests; answers null, or after how many seconds to come again. */
export function createRateLimit(
  { requests, windowMs }: RateLimit,
  now: () => number = Date.now,
): () => number | null {
  let [startedAt, count] = [-Infinity, 0];
  return () => {
    if (now() - startedAt >= windowMs) [startedAt, count] = [now(), 0];
    if (++count <= requests) return null;
    return Math.ceil((startedAt + windowMs - now()) / 1000);
  };
}
