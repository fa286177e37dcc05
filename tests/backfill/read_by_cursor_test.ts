import fc from "fast-check";
import assert from "node:assert/strict";
import { BEGINNING, type Place, readByCursor } from "../../scripts/clerk/reading.ts";
import { ClerkApiError } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import { idsFrom, idsOf, MovingList } from "./moving_list.ts";

function read(list: MovingList, limit: number = 10, from: Place = BEGINNING) {
  return readByCursor({ list: "rows", fetch: list.byCursor(limit) }, from);
}

Deno.test("by cursor, every row is read once and in order", async () => {
  for (const count of [0, 1, 9, 10, 11, 20, 100]) {
    assert.deepEqual(await idsOf(read(new MovingList(count))), idsFrom(0, count), `${count} rows`);
  }
});

Deno.test("by cursor, rows deleted meanwhile keep no other row from being read", async () => {
  const deletions = fc.array(fc.record({ after: fc.nat(30), rows: fc.array(fc.nat(99)) }));
  await fc.assert(
    fc.asyncProperty(deletions, fc.integer({ min: 2, max: 30 }), async (deletions, limit) => {
      const list = new MovingList(100);
      list.onRequest = (requests) => {
        for (const { after, rows } of deletions) {
          if (after === requests) list.delete(...rows.map((row) => `row_${row}`));
        }
      };
      const ids = new Set(await idsOf(read(list, limit)));
      assert.deepEqual(list.rows.filter(({ id }) => !ids.has(id)), []);
    }),
    { numRuns: 500 },
  );
});

Deno.test("by cursor, a cursor that is gone is replaced by an earlier one, and nothing is read twice", async () => {
  const list = new MovingList(30);
  list.onRequest = (requests) => {
    if (requests === 2) list.delete("row_9", "row_8", "row_7");
  };
  assert.deepEqual(await idsOf(read(list)), idsFrom(0, 30));
});

Deno.test("by cursor, a page shorter than asked for does not end the list", async () => {
  const list = new MovingList(25);
  list.cap = 7;
  assert.deepEqual(await idsOf(read(list)), idsFrom(0, 25));
});

Deno.test("by cursor, a reading goes on behind any page", async () => {
  const places: Place[] = [];
  for await (const { place } of read(new MovingList(45))) places.push(place);
  for (const place of places) {
    assert.deepEqual(await idsOf(read(new MovingList(45), 10, place)), idsFrom(place.rows, 45));
  }
});

Deno.test("by cursor, a list of whose place nothing is left is begun anew", async () => {
  const from = { rows: 20, lastIds: ["gone_1", "gone_2"] };
  assert.deepEqual(await idsOf(read(new MovingList(30), 10, from)), idsFrom(0, 30));
});

Deno.test("by cursor, the next page is asked for while the one before is being used", async () => {
  const list = new MovingList(30);
  const portions = read(list);
  await portions.next();
  await new Promise((wake) => setTimeout(wake, 0));
  assert.equal(list.requests, 2);
});

Deno.test("by cursor, a list that refuses every cursor ends in an error, not in a loop", async () => {
  const list = new MovingList(30);
  const fetch = (after: string | null) =>
    after === null
      ? list.byCursor(10)(null)
      : Promise.reject(new ClerkApiError("refused", "422, no cursors here"));
  const portions = readByCursor({ list: "rows", fetch }, BEGINNING);
  await assert.rejects(idsOf(portions), { name: "EndlessListError" });
});

Deno.test("by cursor, a failure other than a refused cursor is the reading's error", async () => {
  const failure = new ClerkApiError("unavailable", "503, no code");
  let requests = 0;
  const fetch = () => {
    requests++;
    return Promise.reject(failure);
  };
  const from = { rows: 2, lastIds: ["row_0", "row_1"] };
  await assert.rejects(idsOf(readByCursor({ list: "rows", fetch }, from)), failure);
  assert.equal(requests, 1);
});
