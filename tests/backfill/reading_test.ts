/** Clerk's lists, by cursor and by offset, read while rows vanish from them. */
import fc from "fast-check";
import assert from "node:assert/strict";
import {
  BEGINNING,
  type Place,
  type Portion,
  readByCursor,
  readByOffset,
} from "../../scripts/clerk/reading.ts";
import {
  ClerkApiError,
  type Page,
  type Range,
} from "../../supabase/functions/_clerk_sync/clerk/api.ts";

/** A row of a list in these tests. */
interface Row {
  id: string;
}

/** A list as Clerk keeps it, oldest row first, of which rows vanish while it is read. */
class MovingList {
  rows: Row[];
  requests = 0;
  /** Rows on a page at most, whatever is asked for. */
  cap = Infinity;
  /** Called before each answer. */
  onRequest: (requests: number) => void = () => {};

  constructor(count: number) {
    this.rows = Array.from({ length: count }, (_, index) => ({ id: `row_${index}` }));
  }

  delete(...ids: string[]): void {
    this.rows = this.rows.filter(({ id }) => !ids.includes(id));
  }

  byOffset = ({ limit, offset }: Range): Promise<Page<Row>> => {
    this.onRequest(++this.requests);
    return Promise.resolve(this.#page(offset, limit));
  };

  /** Like Clerk's: a cursor whose row is gone is refused. */
  byCursor = (limit: number) => async (after: string | null): Promise<Page<Row>> => {
    this.onRequest(++this.requests);
    const offset = after === null ? 0 : this.rows.findIndex(({ id }) => id === after) + 1;
    if (after !== null && offset === 0) throw new ClerkApiError("refused", "422, no such cursor");
    return await Promise.resolve(this.#page(offset, limit));
  };

  #page(offset: number, limit: number): Page<Row> {
    const items = this.rows.slice(offset, offset + Math.min(limit, this.cap));
    return { items, total: this.rows.length };
  }
}

/** The ids of all rows that a reading gives, in their order. */
async function idsOf(portions: AsyncIterable<Portion<Row>>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { items } of portions) ids.push(...items.map(({ id }) => id));
  return ids;
}

/** `row_from` to before `row_to`. */
function idsFrom(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `row_${from + index}`);
}

interface Given {
  limit?: number;
  concurrency?: number;
  from?: Place;
}

type Read = (list: MovingList, given?: Given) => AsyncGenerator<Portion<Row>>;

const byCursor: Read = (list, { limit = 10, from = BEGINNING } = {}) =>
  readByCursor({ list: "rows", fetch: list.byCursor(limit) }, from);

const byOffset: Read = (list, { limit = 10, concurrency = 3, from = BEGINNING } = {}) =>
  readByOffset({ list: "rows", fetch: list.byOffset, limit, concurrency }, from);

for (const [how, read] of [["by cursor", byCursor], ["by offset", byOffset]] as const) {
  Deno.test(`${how}, every row is read once and in order`, async () => {
    for (const count of [0, 1, 2, 9, 10, 11, 19, 20, 100]) {
      assert.deepEqual(
        await idsOf(read(new MovingList(count))),
        idsFrom(0, count),
        `${count} rows`,
      );
    }
  });

  Deno.test(`${how}, rows deleted meanwhile keep no other row from being read`, async () => {
    const deletions = fc.array(fc.record({ after: fc.nat(30), rows: fc.array(fc.nat(99)) }));
    const given = fc.record({
      limit: fc.integer({ min: 2, max: 30 }),
      concurrency: fc.integer({ min: 1, max: 5 }),
      cap: fc.integer({ min: 2, max: 60 }),
    });
    await fc.assert(
      fc.asyncProperty(deletions, given, async (deletions, { cap, ...given }) => {
        const list = new MovingList(100);
        list.cap = cap;
        list.onRequest = (requests) => {
          for (const { after, rows } of deletions) {
            if (after === requests) list.delete(...rows.map((row) => `row_${row}`));
          }
        };
        const ids = new Set(await idsOf(read(list, given)));
        assert.deepEqual(list.rows.filter(({ id }) => !ids.has(id)), []);
      }),
      { numRuns: 500 },
    );
  });

  for (const gone of [["row_9", "row_8", "row_7"], ["row_0", "row_1", "row_2"]]) {
    Deno.test(`${how}, nothing is read twice where ${gone} are gone after the first page`, async () => {
      const list = new MovingList(100);
      list.onRequest = (requests) => {
        if (requests === 2) list.delete(...gone);
      };
      assert.deepEqual(await idsOf(read(list, { concurrency: 1 })), idsFrom(0, 100));
    });
  }

  Deno.test(`${how}, a page shorter than asked for does not end the list`, async () => {
    const list = new MovingList(100);
    list.cap = 7;
    assert.deepEqual(await idsOf(read(list, { limit: 20 })), idsFrom(0, 100));
  });

  Deno.test(`${how}, a reading goes on behind any page, also when rows before it are gone`, async () => {
    const places: Place[] = [];
    for await (const { place } of read(new MovingList(60))) places.push(place);
    for (const place of places) {
      const list = new MovingList(60);
      list.delete("row_0", "row_3", place.lastIds.at(-1)!);
      const ids = await idsOf(read(list, { from: place }));
      assert.deepEqual(ids, idsFrom(place.rows, 60), JSON.stringify(place));
    }
  });

  Deno.test(`${how}, a list of whose place nothing is left is begun anew`, async () => {
    const from = { rows: 20, lastIds: ["gone_1", "gone_2"] };
    assert.deepEqual(await idsOf(read(new MovingList(30), { from })), idsFrom(0, 30));
  });
}

/** A list that is read newest first: `row_0` is the newest at the beginning, and newer ones come in front of it. */
function growing(when: (requests: number) => number): MovingList {
  const list = new MovingList(100);
  let made = 0;
  list.onRequest = (requests) => {
    for (let more = when(requests); more > 0; more--) list.rows.unshift({ id: `newer_${made++}` });
  };
  return list;
}

for (const [rows, limit] of [[1, 10], [3, 10], [9, 10], [49, 60], [55, 60]] as const) {
  Deno.test(`by offset, ${rows} newer rows in front at each page of ${limit} hide none, and none is read twice`, async () => {
    for (const concurrency of [1, 4]) {
      const list = growing((requests) => requests > 1 && requests < 20 ? rows : 0);
      const ids = await idsOf(byOffset(list, { limit, concurrency }));
      assert.deepEqual(ids, idsFrom(0, 100), `${concurrency} at once`);
    }
  });
}

Deno.test("by offset, more newer rows than a page holds begin the list anew, and none is hidden", async () => {
  const list = growing((requests) => requests === 5 ? 70 : 0);
  const ids = await idsOf(byOffset(list));
  assert.deepEqual(list.rows.filter(({ id }) => !ids.includes(id)), []);
});

Deno.test("by offset, a reading that goes on later leaves the newer rows in front to their webhooks", async () => {
  const places: Place[] = [];
  for await (const { place } of byOffset(new MovingList(60))) places.push(place);
  for (const place of places) {
    const list = new MovingList(60);
    list.rows.unshift(...Array.from({ length: 8 }, (_, index) => ({ id: `newer_${index}` })));
    assert.deepEqual(await idsOf(byOffset(list, { from: place })), idsFrom(place.rows, 60));
  }
});

Deno.test("by offset, rows that come in front and rows that go hide no other", async () => {
  const change = fc.record({
    after: fc.nat(30),
    newer: fc.nat(25),
    gone: fc.array(fc.nat(99), { maxLength: 5 }),
  });
  const given = fc.record({
    limit: fc.integer({ min: 2, max: 30 }),
    concurrency: fc.integer({ min: 1, max: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 6 }), given, async (changes, given) => {
      const list = growing((requests) => {
        const now = changes.filter(({ after }) => after === requests);
        list.delete(...now.flatMap(({ gone }) => gone.map((row) => `row_${row}`)));
        return now.reduce((sum, { newer }) => sum + newer, 0);
      });
      const ids = await idsOf(byOffset(list, given)).catch((error: Error) => error.name);
      // More than a page in front, again and again, is told: nothing is left out silently.
      if (ids === "EndlessListError") return;
      const hidden = list.rows.filter(({ id }) => id.startsWith("row_") && !ids.includes(id));
      assert.deepEqual(hidden, []);
    }),
    { numRuns: 500 },
  );
});

Deno.test("by cursor, the next page is asked for while the one before is being used", async () => {
  const list = new MovingList(30);
  const portions = byCursor(list);
  await portions.next();
  await new Promise((wake) => setTimeout(wake, 0));
  assert.equal(list.requests, 2);
});

Deno.test("by offset, so many pages are under way at once, and no more", async () => {
  const list = new MovingList(200);
  let underWay = 0;
  let most = 0;
  const fetch = async (range: Range) => {
    most = Math.max(most, ++underWay);
    await new Promise((wake) => setTimeout(wake, 1));
    underWay--;
    return list.byOffset(range);
  };
  const portions = readByOffset({ list: "rows", fetch, limit: 10, concurrency: 4 }, BEGINNING);
  assert.deepEqual(await idsOf(portions), idsFrom(0, 200));
  assert.equal(most, 4);
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

Deno.test("by offset, pages that never fit together end in an error, not in a loop", async () => {
  let count = 0;
  const fetch = () => Promise.resolve({ items: [{ id: `new_${count++}` }], total: 1000 });
  const portions = readByOffset({ list: "rows", fetch, limit: 10, concurrency: 2 }, BEGINNING);
  await assert.rejects(idsOf(portions), { name: "EndlessListError" });
});

Deno.test("a failed page, other than a refused cursor, is the reading's error, and not asked for again", async () => {
  const failure = new ClerkApiError("unavailable", "503, no code");
  const from = { rows: 2, lastIds: ["row_0", "row_1"] };
  let requests = 0;
  const fetch = () => {
    requests++;
    return Promise.reject(failure);
  };
  await assert.rejects(idsOf(readByCursor({ list: "rows", fetch }, from)), failure);
  await assert.rejects(
    idsOf(readByOffset({ list: "rows", fetch, limit: 10, concurrency: 1 }, from)),
    failure,
  );
  assert.equal(requests, 2);
});
