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

/** Whose body is read, and how many places what was read by now takes. */
interface Reader {
  holder: Holder;
  places: number;
}

/** How many places of `placeBytes` a body takes. */
export function placesFor(bytes: number, placeBytes: number): number {
  return Math.max(1, Math.ceil(bytes / placeBytes));
}

/**
 * So many places of so many bytes bound the memory. When more are needed the longest reader of the one that holds most
 * of them has to go: a signed body arrives within milliseconds, and who sends slowly, or much, can't keep it out.
 */
export function createReadingPlaces(limit: number, placeBytes: number): TakePlace {
  const readers = new Map<AbortController, Reader>();
  let taken = 0;

  const leave = (controller: AbortController) => {
    taken -= readers.get(controller)?.places ?? 0;
    readers.delete(controller);
  };
  const makeRoom = () => {
    while (taken > limit) {
      const longest = longestOf(readers);
      leave(longest);
      longest.abort();
    }
  };

  return (holder) => {
    const controller = new AbortController();
    const reader = { holder, places: 1 };
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
        makeRoom();
      },
      leave: () => leave(controller),
    };
  };
}

/** A Map keeps the order of arrival. */
function longestOf(readers: Map<AbortController, Reader>): AbortController {
  const held = new Map<Holder, number>();
  for (const { holder, places } of readers.values()) {
    held.set(holder, (held.get(holder) ?? 0) + places);
  }
  const most = Math.max(...held.values());
  for (const [controller, { holder }] of readers) if (held.get(holder) === most) return controller;
  throw new Error("nobody reads");
}
