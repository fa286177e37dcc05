import { type Answer, refused, tooManyRequests } from "../_clerk_sync/http/answer.ts";
import { type BodyResult, readBody } from "../_clerk_sync/http/read_body.ts";
import { createReadingPlaces } from "../_clerk_sync/http/reading_places.ts";
import { type CallLimits, type Identify, type Identity, nameOf } from "./caller.ts";
import { answerToFailure } from "./failure.ts";
import { serve, type Service as ServeService } from "./serve.ts";

/** Two ids. */
export const BODY_LIMIT_BYTES = 10_000;

/** The same in an address. */
export const QUERY_LIMIT = 1_000;

/** A body that trickles in must not hold a place for long. */
export const BODY_TIMEOUT_MS = 5_000;

/** Bodies that are read at once by one process. */
export const READING_LIMIT = 50;

/** What a request is received with. */
export interface Service extends ServeService {
  identify: Identify;
  limits: CallLimits;
}

/** Answers one GET or POST. */
export type Receive = (request: Request) => Promise<Answer>;

/**
 * Finds out by the headers who calls, and takes nothing in from a stranger: what requests use up, places to read in, calls
 * and runs, is for callers who are known. Of these the slowest makes room for the others.
 */
export function createReceive(service: Service): Receive {
  const takePlace = createReadingPlaces(READING_LIMIT, BODY_LIMIT_BYTES);

  return async (request) => {
    const identity = await identify(request.headers);
    if ("status" in identity) return identity;
    if (identity.kind === "unknown") {
      return refused(401, identity.word, { reason: identity.reason });
    }
    const { caller } = identity;
    const log = { caller: nameOf(caller) };
    const seconds = service.limits[caller.kind](log.caller);
    if (seconds !== null) return tooManyRequests(seconds, log);

    const { search, searchParams } = new URL(request.url);
    if (search.length > QUERY_LIMIT) return refused(413, "too_large", log);
    const body = request.method === "GET" ? null : await read(request, log.caller);
    if (body?.kind === "displaced") return tooManyRequests(1, log);
    if (body?.kind === "too_large") return refused(413, "too_large", log);
    if (body?.kind === "unreadable") {
      const reason = "the body is not UTF-8, or did not come to its end";
      return refused(400, "invalid_request", { ...log, reason });
    }

    return body
      ? await serve(caller, { kind: "sync", body: body.text }, service)
      : await serve(caller, { kind: "check", query: searchParams }, service);
  };

  async function identify(headers: Headers): Promise<Identity | Answer> {
    try {
      return await service.identify(headers);
    } catch (error) {
      return answerToFailure(error);
    }
  }

  async function read(
    request: Request,
    caller: string,
  ): Promise<BodyResult | { kind: "displaced" }> {
    const { signal, hold, leave } = takePlace(caller);
    try {
      const bounds = { bytes: BODY_LIMIT_BYTES, ms: BODY_TIMEOUT_MS, signal, onRead: hold };
      const body = await readBody(request, bounds);
      return signal.aborted ? { kind: "displaced" } : body;
    } finally {
      leave();
    }
  }
}
