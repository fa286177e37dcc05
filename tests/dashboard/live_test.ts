import { deepEqual, equal, match, ok } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { type Ask, createAskRefused } from "../../scripts/dashboard/ask.ts";
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

/** Takes snapshots of a project at a time, whose function refused so many events. */
function takerOf(ask: Ask, now = () => new Date(), refused = 0): () => Promise<Snapshot> {
  return createSnapshots({
    ask,
    askRefused: () => Promise.resolve(refused),
    project: new URL("https://project.example"),
    silentAfterHours: null,
    refusedAfterEvents: 3,
    now,
  });
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

Deno.test("deliveries that the function refuses beat ok, though others are applied", async () => {
  const { ask } = fakeProject([ledgerEvent(0)]);
  const wordAfter = async (refused: number) => (await takerOf(ask, undefined, refused)()).health;
  equal((await wordAfter(2)).word, "ok");
  const { word, reason, remedy } = await wordAfter(3);
  equal(word, "refused");
  match(reason, /^Some deliveries are not signed .*; others are/);
  match(remedy ?? "", /Signing Secret/);
});

Deno.test("before the first event a snapshot tells what to give Clerk, and no longer", async () => {
  const { start } = await takerOf(fakeProject().ask)();
  equal(start?.webhookUrl, "https://project.example/functions/v1/clerk-webhook");
  ok(start.eventTypes.includes("organizationMembership.deleted"));
  equal((await takerOf(fakeProject([ledgerEvent(0)]).ask)()).start, undefined);
});

Deno.test("rows, days and weeks are counted every few seconds, not every second", async () => {
  let at = Date.now();
  const project = fakeProject();
  const take = takerOf(project.ask, () => new Date(at));
  for (let second = 0; second < 10; second++, at += 1_000) await take();
  equal(project.calls.filter(({ name }) => name === "sync_row_counts").length, 2);
  const series = project.calls.filter(({ name }) => name === "sync_event_series");
  equal(series.length, 10 + 2 + 2);
});

/** A function in front of which nothing is. */
function serve(answer: () => Response | Promise<Response>) {
  const asked: string[] = [];
  const keys: (string | null)[] = [];
  const end = new AbortController();
  const options = { port: 0, hostname: "127.0.0.1", signal: end.signal, onListen() {} };
  const server = Deno.serve(options, ({ url, headers }) => {
    asked.push(new URL(url).pathname);
    keys.push(headers.get("apikey"));
    return answer();
  });
  return {
    asked,
    keys,
    url: new URL(`http://127.0.0.1:${server.addr.port}`),
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await server.finished;
    },
  };
}

const KEY = "sb_secret_of_the_project";
const told = (count: number | string) =>
  `# TYPE clerk_webhook_refused_events gauge\nclerk_webhook_refused_events ${count}\n`;

/** Asks until there is a number. */
async function numberOf(askRefused: () => Promise<number | null>): Promise<number> {
  for (;;) {
    const number = await askRefused();
    if (number !== null) return number;
  }
}

Deno.test("the page hears from the function's own metrics what it refused, and asks seldom", async () => {
  await using server = serve(() => new Response(told(7)));
  const askRefused = createAskRefused({ url: server.url, secretKey: KEY });
  equal(await numberOf(askRefused), 7);
  for (let count = 0; count < 20; count++) equal(await askRefused(), 7);
  equal(server.asked.join(), "/functions/v1/clerk-webhook/metrics");
  equal(server.keys.join(), KEY);
});

Deno.test("what are no metrics of the function's is no number", async () => {
  for (const text of ["<html>", "", told("many"), "x".repeat(1_000_000) + told(1)]) {
    await using server = serve(() => new Response(text));
    const askRefused = createAskRefused({ url: server.url, secretKey: KEY });
    while (server.asked.length === 0) await askRefused();
    equal(await askRefused(), null);
  }
});

Deno.test({
  name: "a function that hangs holds no snapshot up, and nothing there is no number",
  // The request is given up by its own time.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const answer = Promise.withResolvers<Response>();
    await using server = serve(() => answer.promise);
    const askRefused = createAskRefused({ url: server.url, secretKey: KEY });
    equal(await askRefused(), null);
    ok(server.asked.length <= 1);
    answer.resolve(new Response(told(0)));
    equal(await numberOf(askRefused), 0);
    const nowhere = { url: new URL("http://127.0.0.1:1"), secretKey: KEY };
    equal(await createAskRefused(nowhere)(), null);
  },
});
