import { type Answer, refused, tooManyRequests } from "../_clerk_sync/http/answer.ts";
import { type BodyResult, readBody } from "../_clerk_sync/http/read_body.ts";
import { createReadingPlaces, placesFor } from "../_clerk_sync/http/reading_places.ts";
import { deliver, type Service as DeliverService } from "./deliver.ts";
import { bucketOf, type RateLimits } from "./rate_limits.ts";
import type { Limit, Stats } from "./stats.ts";
import { type Verdict, type VerifyLarge, whyUnsigned } from "./verify.ts";

/** Svix sends up to some 350 kB. */
export const BODY_LIMIT_BYTES = 400_000;

/** A larger body takes several places: a worker has 256 MB, and holds a body several times over. */
export const PLACE_BYTES = 10_000;

/** A body that trickles in must not hold a place for long. */
export const BODY_TIMEOUT_MS = 5_000;

/** Places for verified deliveries, held at once by one process. Svix tries again what is turned away. */
export const IN_FLIGHT_LIMIT = 100;

/** Places for bodies that are read at once by one process: more, so that a burst of signed ones does not displace itself. */
export const READING_LIMIT = 150;

/** What a delivery is received with. */
export interface Service extends DeliverService {
  verify: VerifyLarge;
  limits: RateLimits;
  stats: Stats;
}

/** A body with the verdict on it, or why there is none. */
type Read =
  | { kind: "text"; text: string; verdict: Verdict }
  | Exclude<BodyResult, { kind: "text" }>
  | { kind: "displaced" };

/** Answers one POST. */
export type Receive = (request: Request) => Promise<Answer>;

/**
 * Reads and verifies requests, and delivers what is signed. An address is no identity: an attacker may share Svix's behind
 * a proxy, or forge it. So an address over its limit is refused in other words, but verified all the same, and nothing that
 * unsigned requests use up (places to read in, failures) is needed by a signed one.
 */
export function createReceive(service: Service): Receive {
  const { verify, limits, stats, log } = service;
  const takePlace = createReadingPlaces(READING_LIMIT, PLACE_BYTES);
  let applyingPlaces = 0;

  return async (request) => {
    const { headers } = request;
    const bucket = bucketOf(headers);
    const unsigned = whyUnsigned(headers);
    if (unsigned) return refuse(unsigned, bucket);

    const body = await read(request, bucket);
    if (body.kind === "displaced") return limited("reading", 1);
    if (body.kind === "too_large") return refused(413, "too_large");
    if (body.kind === "unreadable") return refuse("The body is not UTF-8", bucket);

    const { verdict } = body;
    if (verdict.kind === "refused") {
      stats.refusals.note(headers);
      return refuse(verdict.reason, bucket);
    }
    stats.verified(verdict.secret);
    const { eventId } = verdict;
    log("debug", "verified", { event_id: eventId });

    const seconds = limits.verified();
    if (seconds !== null) return limited("verified", seconds);
    const places = placesFor(body.text.length, PLACE_BYTES);
    if (applyingPlaces + places > IN_FLIGHT_LIMIT) return limited("in_flight", 5);

    applyingPlaces += places;
    stats.inFlight.applying++;
    try {
      return await deliver(eventId, body.text, service);
    } catch (error) {
      // Nothing is known to throw. The name alone is logged: a message might quote the body.
      return refused(503, "unavailable", { error_code: (error as Error).name });
    } finally {
      stats.inFlight.applying--;
      applyingPlaces -= places;
    }
  };

  /** A body holds its places until it is known who signed it. */
  async function read(request: Request, bucket: number): Promise<Read> {
    const { signal, hold, leave } = takePlace(bucket);
    stats.inFlight.reading++;
    try {
      const bounds = { bytes: BODY_LIMIT_BYTES, ms: BODY_TIMEOUT_MS, signal, onRead: hold };
      const body = await readBody(request, bounds);
      if (signal.aborted) return { kind: "displaced" };
      if (body.kind !== "text") return body;
      return { ...body, verdict: await verify(request.headers, body.text) };
    } finally {
      leave();
      stats.inFlight.reading--;
    }
  }

  function refuse(reason: string, bucket: number): Answer {
    stats.refused();
    const seconds = limits.failed(bucket);
    if (seconds !== null) return limited("failures", seconds, bucket);
    return refused(401, "invalid_signature", { reason });
  }

  function limited(limit: Limit, seconds: number, bucket?: number): Answer {
    stats.limited(limit);
    const log = { reason: limit, address_bucket: bucket };
    return tooManyRequests(seconds, log);
  }
}
