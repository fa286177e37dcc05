import { type Answer, refused } from "../_shared/http/answer.ts";
import { createHandler as createBoundedHandler } from "../_shared/http/handler.ts";
import { readBody } from "../_shared/http/read_body.ts";
import type { Log } from "../_shared/log.ts";
import { serve, type Service } from "./serve.ts";

/** Two ids. */
export const BODY_LIMIT_BYTES = 10_000;

/** The same in an address. */
export const QUERY_LIMIT = 1_000;

/** A body that trickles in must not hold a place for long. */
export const BODY_TIMEOUT_MS = 5_000;

/**
 * Requests held at once by one process: each may hold an organization of a thousand, which is some nine megabytes, and four
 * requests to Clerk.
 */
export const IN_FLIGHT_LIMIT = 10;

/**
 * The endpoint: a Request in, a Response out, one log line written. Without a service, for want of a usable configuration,
 * every request is answered 500.
 */
export function createHandler(
  service: Service | null,
  log: Log,
): (request: Request) => Promise<Response> {
  return createBoundedHandler({
    message: "sync",
    inFlightLimit: IN_FLIGHT_LIMIT,
    answerTo: (request) => answerTo(request, service),
    log,
  });
}

async function answerTo(request: Request, service: Service | null): Promise<Answer> {
  const { method, headers } = request;
  if (method !== "GET" && method !== "POST") {
    return refused(405, "method_not_allowed", {}, { allow: "GET, POST, OPTIONS" });
  }
  if (!service) return refused(500, "misconfigured");

  if (method === "GET") {
    const { search, searchParams } = new URL(request.url);
    if (search.length > QUERY_LIMIT) return refused(413, "too_large");
    return await serve({ kind: "check", headers, query: searchParams }, service);
  }
  const body = await readBody(request, { bytes: BODY_LIMIT_BYTES, ms: BODY_TIMEOUT_MS });
  if (body.kind === "too_large") return refused(413, "too_large");
  if (body.kind === "unreadable") {
    return refused(400, "invalid_request", { reason: "the body is not UTF-8" });
  }
  return await serve({ kind: "sync", headers, body: body.text }, service);
}
