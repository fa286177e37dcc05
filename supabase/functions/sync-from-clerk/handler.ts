import { corsHeaders } from "@supabase/supabase-js/cors";
import { createHandler as createBoundedHandler, refused } from "../_clerk_sync/http/answer.ts";
import type { Log } from "../_clerk_sync/log.ts";
import { createReceive, type Service } from "./receive.ts";

/**
 * The endpoint: a Request in, a Response out, one log line written. Without a service, for want of a usable configuration,
 * every request is answered 500.
 */
export function createHandler(
  service: Service | null,
  log: Log,
): (request: Request) => Promise<Response> {
  const receive = service && createReceive(service);
  return createBoundedHandler({
    message: "sync",
    // Strangers are answered at once, and who is known has bounds of their own.
    inFlightLimit: Infinity,
    answerTo: async (request) => {
      if (request.method !== "GET" && request.method !== "POST") {
        return refused(405, "method_not_allowed", {}, { allow: "GET, POST, OPTIONS" });
      }
      return receive ? await receive(request) : refused(500, "misconfigured");
    },
    log,
  });
}

type Handle = (request: Request) => Promise<Response>;

const PREFLIGHT = {
  "access-control-allow-methods": "GET, POST",
  // What supabase-js sends.
  "access-control-allow-headers": corsHeaders["Access-Control-Allow-Headers"] ?? "",
  "access-control-max-age": "3600",
};

/** Lets pages of these origins call the function from a browser, and no others. It takes no cookies. */
export function withCors(handle: Handle, origins: string[]): Handle {
  return async (request) => {
    const isPreflight = request.method === "OPTIONS";
    const response = isPreflight ? new Response(null, { status: 204 }) : await handle(request);
    response.headers.set("vary", "origin");

    const origin = request.headers.get("origin");
    if (!origin || !origins.includes(origin)) return response;
    response.headers.set("access-control-allow-origin", origin);
    response.headers.set("access-control-expose-headers", "retry-after");
    if (isPreflight) {
      for (const [name, value] of Object.entries(PREFLIGHT)) response.headers.set(name, value);
    }
    return response;
  };
}
