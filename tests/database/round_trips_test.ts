/** A delivery is one call of the Data API, and that one transaction: what is slow about either is paid once. */
import assert from "node:assert/strict";
import type { Sql } from "postgres";
import { send, signDelivery } from "../../scripts/simulate/delivery.ts";
import { SAMPLE_TYPES } from "../../scripts/simulate/samples.ts";
import { proxy } from "../../scripts/stack/proxy.ts";
import { startFunction } from "../support/function_process.ts";
import { databaseTest, newEventId, newStory, said } from "../support/stack.ts";
import { stackEnv } from "../support/stack_env.ts";

/** Autovacuum has transactions of its own: of so many deliveries of a kind the cheapest counts. */
const TELLINGS = 3;

interface Delivery {
  /** The event's type, or what becomes of it where that is another thing than to be applied. */
  kind: string;
  event: unknown;
  id: string;
  answer: string;
}

interface Cost {
  answer: string;
  /** Of the Data API. */
  calls: number;
  /** That wrote something, subtransactions among them. */
  transactions: number;
}

/** Removing a member is tried in a subtransaction: something of the app's may keep the row. */
const TRIED = "organizationMembership.deleted";

databaseTest(
  "a delivery of any kind is one call of the Data API and one transaction",
  async (sql) => {
    await using webhook = await startCountedWebhook(sql);
    const cheapest: Record<string, Cost> = {};
    const expected: Record<string, Cost> = {};
    for (let telling = 0; telling < TELLINGS; telling++) {
      for (const delivery of deliveries()) {
        const { kind, answer } = delivery;
        const cost = await webhook.costOf(delivery);
        const known = cheapest[kind];
        if (!known || cost.transactions < known.transactions) cheapest[kind] = cost;
        expected[kind] = { answer, calls: 1, transactions: kind === TRIED ? 2 : 1 };
      }
    }
    assert.deepEqual(cheapest, expected);
  },
);

/** Every event of a story, and some that are not applied. */
function deliveries(): Delivery[] {
  const story = newStory();
  const [first, ...later] = SAMPLE_TYPES.map((type) => ({
    kind: type as string,
    event: story(type) as unknown,
    id: newEventId(),
    answer: "200 applied",
  }));
  return [
    first!,
    { ...first!, kind: "duplicate", answer: "200 duplicate" },
    ...later,
    { ...first!, kind: "stale", id: newEventId(), answer: "200 stale" },
    {
      kind: "ignored",
      event: { type: "email.created", data: { id: "ema_1" } },
      id: newEventId(),
      answer: "200 ignored",
    },
    {
      kind: "rejected",
      event: { type: "user.created", data: { id: 1 } },
      id: newEventId(),
      answer: "422 rejected",
    },
  ];
}

interface CountedWebhook extends AsyncDisposable {
  costOf(delivery: Delivery): Promise<Cost>;
}

/** The function as a process, which reaches the stack's Data API through a counter. */
async function startCountedWebhook(sql: Sql): Promise<CountedWebhook> {
  const { API_URL, CLERK_WEBHOOK_SECRET: secret, SECRET_KEY } = stackEnv();
  let calls = 0;
  const counter = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      calls++;
      return proxy(request, API_URL + new URL(request.url).pathname, "127.0.0.1");
    },
  );
  const webhook = await startFunction("clerk-webhook", {
    CLERK_WEBHOOK_SECRET: secret,
    SUPABASE_URL: `http://127.0.0.1:${counter.addr.port}`,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: SECRET_KEY }),
  });
  return {
    costOf: async ({ event, id }) => {
      const before = { calls, transactions: await transactionsOf(sql) };
      const signed = signDelivery({ id, body: JSON.stringify(event), secret, at: new Date() });
      const answer = said(await send(signed, { url: webhook.url }));
      return {
        answer,
        calls: calls - before.calls,
        transactions: await transactionsOf(sql) - before.transactions,
      };
    },
    [Symbol.asyncDispose]: async () => {
      await webhook.stop();
      await counter.shutdown();
    },
  };
}

/** How many of the whole server have written; a part of one that is undone by itself counts as another one. */
async function transactionsOf(sql: Sql): Promise<number> {
  const [row] = await sql`select pg_snapshot_xmax(pg_current_snapshot())::text as next`;
  return Number(row?.next);
}
