import assert from "node:assert/strict";
import { newState, type RunState } from "../../scripts/backfill/checkpoint.ts";
import { backfill, type Run } from "../../scripts/backfill/run.ts";
import type { Send } from "../../scripts/backfill/submit.ts";
import type { ClerkApi, ClerkUser } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import { MovingList } from "./moving_list.ts";

const NOBODY = { items: [], total: 0 };
const ROWS = 40;

/** Clerk with so many users, ten on a page, and nothing else. */
function usersOnly(): ClerkApi {
  const list = new MovingList(ROWS).byCursor(10);
  const users = async ({ after }: { after: string | null }) => {
    const { items, total } = await list(after);
    return { items: items as ClerkUser[], total };
  };
  const nothing = () => Promise.resolve(NOBODY);
  return { users, organizations: nothing, memberships: nothing } as unknown as ClerkApi;
}

/** Runs with a database and a checkpoint of this process; `log` tells what was done of how many users. */
async function run({ send, save }: { send?: Send; save?: Run["save"] }) {
  const log: string[] = [];
  let written = 0;
  const defaultSend: Send = (page) => Promise.resolve({ applied: page.length, unchanged: 0 });
  const end = await backfill({
    clerk: usersOnly(),
    pages: { limit: 10, concurrency: 2 },
    state: newState("ins_mine"),
    send: () => async (page) => {
      const counts = await (send ?? defaultSend)(page);
      written += page.length;
      log.push(`wrote ${written}`);
      return counts;
    },
    save: async (state: RunState) => {
      log.push(`saved ${state.users.read}`);
      await save?.(state);
    },
    signal: new AbortController().signal,
    watch: { begin() {}, page() {}, end() {} },
  });
  return { end, log };
}

/** Fails at one user. */
function failingAt(id: string): Send {
  return (page) =>
    page.some(({ p_external_id }) => p_external_id === id)
      ? Promise.reject(new Error("not written"))
      : Promise.resolve({ applied: page.length, unchanged: 0 });
}

Deno.test("a page counts as done after it was written, and never before", async () => {
  const { log } = await run({});
  const done = (line: string) => Number(line.split(" ")[1]);
  let written = 0;
  for (const line of log) {
    if (line.startsWith("wrote")) written = done(line);
    else assert.ok(done(line) <= written, `${line}, and wrote ${written}`);
  }
  assert.equal(written, ROWS);
  assert.equal(log.filter((line) => line === `saved ${ROWS}`).length > 0, true);
});

Deno.test("a page that can't be written ends the run, which has saved the page before", async () => {
  const { end, log } = await run({ send: failingAt("row_25") });
  assert.equal(end.kind, "failed");
  assert.match(end.kind === "failed" ? end.at : "", /^users, the page after row 20, row_19$/);
  assert.deepEqual(log.filter((line) => line.startsWith("saved")), ["saved 10", "saved 20"]);
});

Deno.test("saves don't overtake each other, however long they take", async () => {
  const saved: number[] = [];
  let underWay = 0;
  await run({
    save: async ({ users }) => {
      assert.equal(++underWay, 1);
      await new Promise((wake) => setTimeout(wake, Math.random() * 5));
      saved.push(users.read);
      underWay--;
    },
  });
  assert.deepEqual(saved.slice(0, 4), [10, 20, 30, 40]);
});

Deno.test("a checkpoint that can't be saved ends the run, also the last one", async () => {
  const failing = (isLast: boolean) => async (state: RunState) => {
    await Promise.resolve();
    if (!isLast || state.memberships.isDone) throw new Error("not saved");
  };
  for (const isLast of [false, true]) {
    const { end } = await run({ save: failing(isLast) });
    assert.equal(end.kind === "failed" && (end.error as Error).message, "not saved");
  }
});
