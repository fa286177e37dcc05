import fc, { type Arbitrary } from "fast-check";

/** How a history is delivered. The lists are read round and round. */
export interface Schedule {
  /** The sort key of each delivery; equal keys keep Clerk's order. */
  keys: number[];
  isReversed: boolean;
  /** How often each event is delivered. */
  copies: number[];
  /** How many deliveries are under way at once, batch after batch. */
  batches: number[];
}

/** Any order, any number of times, at once. Shrinks to Clerk's order, once each, one by one. */
export function schedules(): Arbitrary<Schedule> {
  return fc.record({
    keys: fc.array(fc.nat(999), { minLength: 1, maxLength: 61, size: "max" }),
    isReversed: fc.boolean(),
    copies: fc.array(fc.constantFrom(1, 1, 2, 3), { minLength: 1, maxLength: 7 }),
    batches: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 5 }),
  });
}

/** The deliveries of a schedule in their order: each event at least once. */
export function deliveries<Event>(events: readonly Event[], schedule: Schedule): Event[] {
  const { keys, isReversed, copies } = schedule;
  const all = events.flatMap((event, index) =>
    Array<Event>(copies[index % copies.length]!).fill(event)
  );
  const keyed = all.map((event, index) => ({ event, key: keys[index % keys.length]! }));
  const ordered = keyed.sort((a, b) => a.key - b.key).map(({ event }) => event);
  return isReversed ? ordered.reverse() : ordered;
}

/** Cuts deliveries into the batches that are under way at once. */
export function batchesOf<Event>(all: readonly Event[], { batches }: Schedule): Event[][] {
  const cut: Event[][] = [];
  for (let from = 0; from < all.length;) {
    const size = batches[cut.length % batches.length]!;
    cut.push(all.slice(from, from + size));
    from += size;
  }
  return cut;
}

/** Takes the items in order, so many at once: each as soon as one before it is done. */
export async function work<Item>(
  items: Iterable<Item>,
  concurrency: number,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  // One iterator for all: an item that a worker has taken is nobody else's.
  const queue = items[Symbol.iterator]();
  await Promise.all(Array.from({ length: concurrency }, async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) await run(next.value);
  }));
}

/** Takes the next item of each of `width` plans in turn; a plan that is through is replaced by the next one. */
export function* interleave<Plan extends { order: unknown[] }>(
  plans: Iterable<Plan>,
  width: number,
): Iterable<{ plan: Plan; item: Plan["order"][number] }> {
  const waiting = plans[Symbol.iterator]();
  const open = () => {
    const { done, value: plan } = waiting.next();
    return done ? [] : [{ plan, items: plan.order.values() }];
  };
  let lanes = Array.from({ length: width }).flatMap(open);
  while (lanes.length > 0) {
    const still: typeof lanes = [];
    for (const lane of lanes) {
      const { done, value: item } = lane.items.next();
      if (done) still.push(...open());
      else {
        still.push(lane);
        yield { plan: lane.plan, item };
      }
    }
    lanes = still;
  }
}
