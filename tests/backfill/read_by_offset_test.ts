import fc from "fast-check";
import assert from "node:assert/strict";
import { BEGINNING, type Place, readByOffset } from "../../scripts/clerk/reading.ts";
import { idsFrom, idsOf, MovingList } from "./moving_list.ts";

interface Given {
  limit?: number;
  concurrency?: number;
  from?: Place;
}

function read(list: MovingList, { limit = 10, concurrency = 3, from = BEGINNING }: Given = {}) {
  return readByOffset({ list: "rows", fetch: list.byOffset, limit, concurrency }, from);
}

Deno.test("by offset, every row is read once and in order", async () => {
  for (const count of [0, 1, 2, 9, 10, 11, 19, 20, 100]) {
    assert.deepEqual(await idsOf(read(new MovingList(count))), idsFrom(0, count), `${count} rows`);
  }
});

Deno.test("by offset, rows deleted meanwhile keep no other row from being read", async () => {
  const deletions = fc.array(fc.record({ after: fc.nat(20), rows: fc.array(fc.nat(99)) }));
  await fc.assert(
    fc.asyncProperty(
      deletions,
      fc.integer({ min: 2, max: 30 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 2, max: 60 }),
      async (deletions, limit, concurrency, cap) => {
        const list = new MovingList(100);
        list.cap = cap;
        list.onRequest = (requests) => {
          for (const { after, rows } of deletions) {
            if (after === requests) list.delete(...rows.map((row) => `row_${row}`));
          }
        };
        const ids = new Set(await idsOf(read(list, { limit, concurrency })));
        assert.deepEqual(list.rows.filter(({ id }) => !ids.has(id)), []);
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("by offset, a page that moved up is asked for further up, and nothing is read twice", async () => {
  const list = new MovingList(100);
  list.onRequest = (requests) => {
    if (requests === 2) list.delete("row_0", "row_1", "row_2");
  };
  const ids = await idsOf(read(list, { concurrency: 1 }));
  assert.deepEqual(ids, idsFrom(0, 100));
});

Deno.test("by offset, a page shorter than asked for does not end the list", async () => {
  const list = new MovingList(100);
  list.cap = 7;
  assert.deepEqual(await idsOf(read(list, { limit: 20 })), idsFrom(0, 100));
});

Deno.test("by offset, so many pages are under way at once, and no more", async () => {
  const list = new MovingList(200);
  let underWay = 0;
  let most = 0;
  const fetch = async (range: { limit: number; offset: number }) => {
    most = Math.max(most, ++underWay);
    await new Promise((wake) => setTimeout(wake, 1));
    underWay--;
    return list.byOffset(range);
  };
  const ids = await idsOf(
    readByOffset({ list: "rows", fetch, limit: 10, concurrency: 4 }, BEGINNING),
  );
  assert.deepEqual(ids, idsFrom(0, 200));
  assert.equal(most, 4);
});

Deno.test("by offset, a reading goes on behind any page, also when rows before it are gone", async () => {
  const whole = new MovingList(60);
  const places: Place[] = [];
  for await (const { place } of read(whole)) places.push(place);
  for (const place of places) {
    const list = new MovingList(60);
    list.delete("row_0", "row_3", place.lastIds.at(-1)!);
    const ids = await idsOf(read(list, { from: place }));
    assert.deepEqual(ids, idsFrom(place.rows, 60), JSON.stringify(place));
  }
});

Deno.test("by offset, a list of whose place nothing is left is begun anew", async () => {
  const list = new MovingList(30);
  const from = { rows: 20, lastIds: ["gone_1", "gone_2"] };
  assert.deepEqual(await idsOf(read(list, { from })), idsFrom(0, 30));
});

Deno.test("by offset, pages that never fit together end in an error, not in a loop", async () => {
  let count = 0;
  const fetch = () => Promise.resolve({ items: [{ id: `new_${count++}` }], total: 1000 });
  const portions = readByOffset({ list: "rows", fetch, limit: 10, concurrency: 2 }, BEGINNING);
  await assert.rejects(idsOf(portions), { name: "EndlessListError" });
});

Deno.test("by offset, a failed page is the reading's error", async () => {
  const fetch = () => Promise.reject(new Error("no page"));
  const portions = readByOffset({ list: "rows", fetch, limit: 10, concurrency: 2 }, BEGINNING);
  await assert.rejects(idsOf(portions), { message: "no page" });
});
