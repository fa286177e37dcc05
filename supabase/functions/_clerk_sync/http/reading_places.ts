/** A place to read a body in. */
export interface ReadingPlace {
  /** Aborts when the place was needed by another request. */
  signal: AbortSignal;
  /** So many bytes were read by now. */
  hold(bytes: number): void;
  leave(): void;
}

/** Hands out places, and tells them apart by whom they are for; there is always one. */
export type TakePlace = (holder: Holder) => ReadingPlace;

/** A caller, or a bucket of addresses. */
type Holder = string | number;

/** Whose body is read, since when, and how much was read by now. */
interface Reader {
  holder: Holder;
  sinceMs: number;
  bytes: number;
  places: number;
}

/** Of readers who have read nothing yet the longest makes least of its time. */
const HEAD_START_BYTES = 1_000;

/** How many places of `placeBytes` a body takes. */
export function placesFor(bytes: number, placeBytes: number): number {
  return Math.max(1, Math.ceil(bytes / placeBytes));
}

/**
 * So many places of so many bytes bound the memory. When more are needed, the reader has to go that makes least of what it
 * has: of its time, and of the places that its holder has. A signed body arrives within milliseconds; who sends slowly can't
 * keep it out, from however many addresses, nor who sends much from one.
 */
export function createReadingPlaces(
  limit: number,
  placeBytes: number,
  now: () => number = () => performance.now(),
): TakePlace {
  const readers = new Map<AbortController, Reader>();
  let taken = 0;

  const leave = (controller: AbortController) => {
    taken -= readers.get(controller)?.places ?? 0;
    readers.delete(controller);
  };
  const makeRoom = () => {
    while (taken > limit) {
      const slowest = slowestOf(readers, now());
      leave(slowest);
      slowest.abort();
    }
  };

  return (holder) => {
    const controller = new AbortController();
    const reader = { holder, sinceMs: now(), bytes: 0, places: 1 };
    readers.set(controller, reader);
    taken++;
    makeRoom();
    return {
      signal: controller.signal,
      hold: (bytes) => {
        if (!readers.has(controller)) return;
        const places = placesFor(bytes, placeBytes);
        taken += places - reader.places;
        reader.places = places;
        reader.bytes = bytes;
        makeRoom();
      },
      leave: () => leave(controller),
    };
  };
}

/** A Map keeps the order of arrival: of equals the longest. */
function slowestOf(readers: Map<AbortController, Reader>, nowMs: number): AbortController {
  const held = new Map<Holder, number>();
  for (const { holder, places } of readers.values()) {
    held.set(holder, (held.get(holder) ?? 0) + places);
  }
  let slowest: AbortController | null = null;
  let least = Infinity;
  for (const [controller, { holder, sinceMs, bytes }] of readers) {
    const ms = Math.max(1, nowMs - sinceMs);
    const progress = (HEAD_START_BYTES + bytes) / ms / held.get(holder)!;
    if (progress >= least) continue;
    slowest = controller;
    least = progress;
  }
  if (!slowest) throw new Error("nobody reads");
  return slowest;
}
