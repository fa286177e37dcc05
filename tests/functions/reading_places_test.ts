import assert from "node:assert/strict";
import { createReadingPlaces } from "../../supabase/functions/_clerk_sync/http/reading_places.ts";

const BYTES = 10_000;

/** Places, and a clock that stands still. */
function start(limit: number) {
  const clock = { ms: 0 };
  return { clock, take: createReadingPlaces(limit, BYTES, () => clock.ms) };
}

/** Who has to go, by their order of arrival. */
function goneOf(places: { signal: AbortSignal }[]): number[] {
  return places.flatMap(({ signal }, index) => signal.aborted ? [index] : []);
}

Deno.test("when all places are taken, the longest reader of the address with most of them goes", () => {
  const { take } = start(3);
  const places = [take(1), take(2), take(2), take(3)];
  assert.deepEqual(goneOf(places), [1]);
});

Deno.test("who has read least in its time goes, and not who came first", () => {
  const { take, clock } = start(3);
  const places = [take(1), take(2), take(3)];
  clock.ms = 1_000;
  places[0]!.hold(BYTES);
  places[1]!.hold(10);
  places[2]!.hold(BYTES);
  places.push(take(4));
  assert.deepEqual(goneOf(places), [1]);
});

Deno.test("a large body that arrives at once keeps its places among slow ones of many addresses", () => {
  const { take, clock } = start(150);
  const slow = Array.from({ length: 150 }, (_, address) => take(address));
  clock.ms = 1_000;
  for (const place of slow) place.hold(100);
  const signed = take(1_000);
  for (let read = 1; read <= 200; read++) {
    clock.ms += 1;
    signed.hold(read * 1_000);
    slow.push(take(1_000 + read));
  }
  assert.equal(signed.signal.aborted, false);
  assert.ok(goneOf(slow).length > 150, `${goneOf(slow).length} of ${slow.length}`);
});

Deno.test("who fills places fast from one address has to go before others who read more slowly", () => {
  const { take, clock } = start(20);
  const other = take(1);
  const many = Array.from({ length: 5 }, () => take(2));
  clock.ms = 10;
  other.hold(BYTES / 2);
  for (const place of many) place.hold(4 * BYTES);
  assert.equal(other.signal.aborted, false);
  assert.equal(goneOf(many).length, 1);
});

Deno.test("who read at once and then fell silent goes before who reads on", () => {
  const { take, clock } = start(8);
  const silent = take(1);
  silent.hold(4 * BYTES);
  clock.ms = 2_000;
  const going = take(2);
  clock.ms = 2_010;
  going.hold(4 * BYTES);
  const places = [silent, going, take(3)];
  assert.deepEqual(goneOf(places), [0]);
});

Deno.test("who left, or had to go, holds nothing", () => {
  const { take } = start(2);
  const first = take(1);
  first.hold(2 * BYTES);
  first.leave();
  first.hold(2 * BYTES);
  const places = [take(1), take(2)];
  places[0]!.leave();
  places.push(take(3));
  assert.deepEqual(goneOf(places), []);
});
