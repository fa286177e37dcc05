import { HEALTH_WINDOW_MS } from "../_clerk_sync/health.ts";

/** So many events are remembered, whatever a flood makes up. */
export const REFUSALS_KEPT = 100;

/** An id is some 30 characters; a longer one is none of Svix's. */
const ID_LIMIT = 255;

/** As Svix signs: 32 bytes. */
const SIGNATURE = /(^| )v1,[A-Za-z0-9+/]{43}=( |$)/;

/** Events that were refused although their deliveries have the form of Svix's: whoever sent them signs otherwise than expected. */
export interface Refusals {
  /** A delivery with a fresh timestamp that no secret signed. One that is malformed is nothing. */
  note(headers: Headers): void;
  /** Different events of the last quarter of an hour, REFUSALS_KEPT at most. */
  count(): number;
}

/** Remembers the newest ones, in the memory of this process. */
export function createRefusals(now: () => number = Date.now): Refusals {
  const lastAt = new Map<string, number>();

  return {
    note(headers) {
      const of = (name: string) => headers.get(`svix-${name}`) ?? headers.get(`webhook-${name}`);
      const id = of("id") ?? "";
      if (id === "" || id.length > ID_LIMIT || !SIGNATURE.test(of("signature") ?? "")) return;
      // A Map keeps the order of insertion: the oldest is the first.
      lastAt.delete(id);
      lastAt.set(id, now());
      const [oldest] = lastAt.keys();
      if (lastAt.size > REFUSALS_KEPT) lastAt.delete(oldest!);
    },
    count: () => [...lastAt.values()].filter((at) => now() - at <= HEALTH_WINDOW_MS).length,
  };
}
