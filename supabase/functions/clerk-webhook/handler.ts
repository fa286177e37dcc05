import { type Answer, refused } from "../_shared/http/answer.ts";
import { createHandler as createBoundedHandler } from "../_shared/http/handler.ts";
import { readBody } from "../_shared/http/read_body.ts";
import type { Log } from "../_shared/log.ts";
import { deliver, type Service } from "./deliver.ts";

/** Svix sends up to some 350 kB. */
export const BODY_LIMIT_BYTES = 1_000_000;

/** A body that trickles in must not hold a place for long. */
export const BODY_TIMEOUT_MS = 5_000;

/** Deliveries held at once by one process. Svix tries again what is turned away. */
export const IN_FLIGHT_LIMIT = 100;

/**
 * The webhook: a Request in, the status contract's Response out, one log line written. Without a service, for want of a
 * usable configuration, every delivery is answered 500.
 */
export function createHandler(
  service: Service | null,
  log: Log,
): (request: Request) => Promise<Response> {
  return createBoundedHandler({
    message: "delivery",
    inFlightLimit: IN_FLIGHT_LIMIT,
    answerTo: (request) => answerTo(request, service),
    log,
  });
}

async function answerTo(request: Request, service: Service | null): Promise<Answer> {
  if (request.method !== "POST") {
    return refused(405, "method_not_allowed", {}, { allow: "POST" });
  }
  if (!service) return refused(500, "misconfigured");

  const body = await readBody(request, {
    bytes: BODY_LIMIT_BYTES,
    ms: BODY_TIMEOUT_MS,
  });
  if (body.kind === "too_large") return refused(413, "too_large");
  if (body.kind === "unreadable") {
    return refused(401, "invalid_signature", { reason: "The body is not UTF-8" });
  }
  try {
    return await deliver(request.headers, body.text, service);
  } catch (error) {
    // Nothing is known to throw. The name alone is logged: a message might quote the body.
    return refused(503, "unavailable", { error_code: (error as Error).name });
  }
}
