import { deepEqual, equal, ok } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { type Ask, createAskHealth } from "../../scripts/dashboard/ask.ts";
import { createLive, createSnapshots, type Snapshot } from "../../scripts/dashboard/snapshot.ts";
import { fakeProject, ledgerEvent } from "./fake_project.ts";

function counted(intervalMs: number) {
  let taken = 0;
  const take = (): Promise<Snapshot> => {
    taken++;
    const health = { word: "ok", reason: String(taken) } as const;
    return Promise.resolve({ at: "", project: "", health, data: null });
  };
  return { live: createLive(take, intervalMs), taken: () => taken };
}

/** Takes snapshots of a project at a time. */
function takerOf(ask: Ask, now = () => new Date()): () => Promise<Snapshot> {
  const askHealth = () => Promise.resolve("ok");
  return createSnapshots({ ask, askHealth, project: "x", silentAfterHours: null, now });
}

Deno.test("a snapshot is taken once, however many watch", async () => {
  const { live, taken } = counted(50);
  const readers = Array.from({ length: 20 }, () => live.watch().getReader());
  for (let i = 0; i < 3; i++) await Promise.all(readers.map((reader) => reader.read()));
  ok(taken() <= 4, `${taken()} snapshots for 60 answers`);
  live.stop();
  deepEqual(live.watchers(), 0);
});

Deno.test("nothing is asked while nobody watches", async () => {
  const { live, taken } = counted(10);
  const reader = live.watch().getReader();
  await reader.read();
  await reader.cancel();
  equal(live.watchers(), 0);
  await delay(30);
  const before = taken();
  await delay(60);
  equal(taken(), before);
});

Deno.test("who reads no more is let go before a backlog grows", async () => {
  const { live } = counted(5);
  const stuck = live.watch();
  while (live.watchers() > 0) await delay(5);
  await stuck.cancel();
  live.stop();
});

Deno.test("a page that comes later gets the newest snapshot at once", async () => {
  const { live, taken } = counted(10_000);
  const first = live.watch().getReader();
  await first.read();
  const second = live.watch().getReader();
  await second.read();
  equal(taken(), 1);
  live.stop();
});

Deno.test("a database that is down is a snapshot too, and the next one recovers", async () => {
  const project = fakeProject([ledgerEvent(0)], "PGRST001");
  const take = takerOf(project.ask);
  const { health, data } = await take();
  deepEqual([health.word, health.reason], ["unreachable", "The database cannot be reached."]);
  equal(data, null);
  project.problem = null;
  equal((await take()).health.word, "ok");
});

Deno.test("an answer that is no status is told as such", async () => {
  const take = takerOf(() => Promise.resolve(null));
  equal((await take()).health.word, "unreachable");
});

Deno.test("rows are counted every few seconds, not every second", async () => {
  let at = Date.now();
  const project = fakeProject();
  const take = takerOf(project.ask, () => new Date(at));
  for (let second = 0; second < 10; second++, at += 1_000) await take();
  equal(project.calls.filter(({ name }) => name === "sync_row_counts").length, 2);
});

/** A function in front of which nothing is. */
function serve(answer: () => Response | Promise<Response>) {
  const asked: string[] = [];
  const end = new AbortController();
  const options = { port: 0, hostname: "127.0.0.1", signal: end.signal, onListen() {} };
  const server = Deno.serve(options, ({ url }) => {
    asked.push(new URL(url).pathname);
    return answer();
  });
  return {
    asked,
    url: new URL(`http://127.0.0.1:${server.addr.port}`),
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await server.finished;
    },
  };
}

/** Asks until there is a word. */
async function wordOf(askHealth: () => Promise<string | null>): Promise<string> {
  for (;;) {
    const word = await askHealth();
    if (word !== null) return word;
  }
}

Deno.test("the page hears the function's own word, whichever it is, and asks seldom", async () => {
  await using server = serve(() => new Response("refused", { status: 503 }));
  const askHealth = createAskHealth(server.url);
  equal(await wordOf(askHealth), "refused");
  for (let count = 0; count < 20; count++) equal(await askHealth(), "refused");
  equal(server.asked.join(), "/functions/v1/clerk-webhook/health");
});

Deno.test("what is no word of the function's is none", async () => {
  for (const text of ["<html>", "", "a word too many", "x".repeat(1_000_000)]) {
    await using server = serve(() => new Response(text));
    const askHealth = createAskHealth(server.url);
    while (server.asked.length === 0) await askHealth();
    equal(await askHealth(), null);
  }
});

Deno.test({
  name: "a function that hangs holds no snapshot up, and nothing there is no word",
  // The request is given up by its own time.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const answer = Promise.withResolvers<Response>();
    await using server = serve(() => answer.promise);
    const askHealth = createAskHealth(server.url);
    equal(await askHealth(), null);
    ok(server.asked.length <= 1);
    answer.resolve(new Response("ok"));
    equal(await wordOf(askHealth), "ok");
    equal(await createAskHealth(new URL("http://127.0.0.1:1"))(), null);
  },
});
