import { refused } from "../_clerk_sync/http/answer.ts";
import { createHandler as createBoundedHandler } from "../_clerk_sync/http/handler.ts";
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
