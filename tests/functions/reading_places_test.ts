import assert from "node:assert/strict";
import { createReadingPlaces } from "../../supabase/functions/_shared/http/reading_places.ts";

const BYTES = 100;

/** Who has to go, by their order of arrival. */
function goneOf(places: { signal: AbortSignal }[]): number[] {
  return places.flatMap(({ signal }, index) => signal.aborted ? [index] : []);
}

Deno.test("when all places are taken, the longest reader of the address with most of them goes", () => {
  const take = createReadingPlaces(3, BYTES);
  const places = [take(1), take(2), take(2), take(3)];
  assert.deepEqual(goneOf(places), [1]);
});

Deno.test("what was read counts, not only who reads", () => {
  const take = createReadingPlaces(4, BYTES);
  const places = [take(1), take(2)];
  places[0]!.hold(3 * BYTES);
  assert.deepEqual(goneOf(places), []);
  places.push(take(3));
  assert.deepEqual(goneOf(places), [0]);
});

Deno.test("a body that grows makes room, if need be its own", () => {
  const take = createReadingPlaces(4, BYTES);
  const places = [take(1), take(1), take(2)];
  places[2]!.hold(2 * BYTES);
  assert.deepEqual(goneOf(places), []);
  places[2]!.hold(2 * BYTES + 1);
  assert.deepEqual(goneOf(places), [2]);
});

Deno.test("who left, or had to go, holds nothing", () => {
  const take = createReadingPlaces(2, BYTES);
  const first = take(1);
  first.hold(2 * BYTES);
  first.leave();
  first.hold(2 * BYTES);
  const places = [take(1), take(2)];
  places[0]!.leave();
  places.push(take(3));
  assert.deepEqual(goneOf(places), []);
});
