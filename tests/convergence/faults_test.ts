/**
 * What breaks in production, on a stack of its own, in the middle of a load. The sender follows Svix's rule: again, with
 * the same id, until the answer is 2xx.
 */
import fc from "fast-check";
import assert from "node:assert/strict";
import postgres, { type Sql } from "postgres";
import { callsSince, readCalls } from "../../scripts/converge/calls.ts";
import { histories } from "../../scripts/converge/clerk/commands.ts";
import { simulate } from "../../scripts/converge/clerk/simulator.ts";
import { deliverUntilAccepted } from "../../scripts/converge/deliver.ts";
import { judge, type Sent } from "../../scripts/converge/judge.ts";
import { deliveries, schedules, work } from "../../scripts/converge/schedule.ts";
import { type Answer, said } from "../../scripts/simulate/delivery.ts";
import type { Stack } from "../../scripts/stack/stack.ts";
import { startTemporaryStack } from "../../scripts/temporary_stack.ts";
import { functionPid, newTag, postmasterPid, runs } from "./support.ts";

const FROM_THE_FUNCTION = /^(200 (applied|stale|duplicate)|503 unavailable)$/;
const FROM_THE_GATEWAY = /^(50[23] [A-Z_]+|connection_closed|connection_refused)$/;

/** So many that most deliveries go in pages. */
const WORKERS = 16;

Deno.test({
  name:
    "faults in the middle of a load leave the model's state, and lose nothing that was answered 200",
  sanitizeOps: false,
  sanitizeResources: false,
}, async (test) => {
  await using stack = await startTemporaryStack();
  const [row] = await withDatabase(stack, (sql) => sql`select current_setting('data_directory') c`);
  const cluster: string = row?.c;

  await test.step("PostgreSQL is killed with -9, and starts again", async () => {
    const answers = await load(stack, () => kill(postmasterPid(cluster)));
    assertOnly(answers, [FROM_THE_FUNCTION]);
    assert.ok(answers.some((answer) => said(answer) === "503 unavailable"));
  });

  await test.step("every connection of the Data API is cut, five times", async () => {
    let cut = 0;
    const answers = await load(stack, async () => {
      for (let round = 0; round < 5; round++) {
        cut += await withDatabase(stack, cutConnections);
        await new Promise((wake) => setTimeout(wake, 100));
      }
    });
    assert.ok(cut > 0);
    assertOnly(answers, [FROM_THE_FUNCTION]);
  });

  await test.step("the function's process is killed with -9, and starts again", async () => {
    const answers = await load(stack, async () => kill(await functionPid("clerk-webhook")));
    assertOnly(answers, [FROM_THE_FUNCTION, FROM_THE_GATEWAY]);
    assert.ok(answers.some((answer) => FROM_THE_GATEWAY.test(said(answer))));
  });
});

/** Delivers shuffled histories, breaks something after a third of them, and judges the end. Returns all answers. */
async function load(stack: Stack, breakSomething: () => unknown): Promise<Answer[]> {
  const told = fc.tuple(histories({ users: 4, organizations: 4, length: 150 }), schedules());
  const samples = fc.sample(told, { ...runs(2), unbiased: true });
  const plans = samples.map(([commands, schedule]) => {
    const history = simulate(commands, newTag());
    return { history, order: deliveries(history.events, schedule) };
  });
  const all = plans.flatMap(({ order }) => order);
  const answers: Answer[] = [];
  const sent = new Map<string, Sent>();
  const readCounts = () => readCalls(stack.env.WEBHOOK_URL, stack.env.SECRET_KEY);
  // While the database is away calls fail at once, and few deliveries wait for one: what was before is left out.
  const before = await readCounts();
  let broken: unknown;
  let begun = 0;
  await work(all, WORKERS, async (event) => {
    if (++begun === Math.floor(all.length / 3)) {
      const { page, alone } = callsSince(before!, (await readCounts())!);
      assert.ok(page.deliveries > alone.deliveries, JSON.stringify({ page, alone }));
      broken = breakSomething();
    }
    const heard = await deliverUntilAccepted(event, stack.env);
    answers.push(...heard);
    const known = sent.get(event.id) ?? { deliveries: 0, accepted: 0 };
    const accepted = heard.filter((answer) => said(answer).startsWith("200 ")).length;
    sent.set(event.id, {
      deliveries: known.deliveries + heard.length,
      accepted: known.accepted + accepted,
    });
  });
  await broken;
  await withDatabase(stack, async (sql) => {
    for (const { history } of plans) {
      const { differences, ledger } = await judge(sql, history, sent);
      assert.deepEqual([...differences, ...ledger], []);
    }
  });
  return answers;
}

/** The sender gives up when Svix would: what came too late is a `timeout`, which is never allowed. */
function assertOnly(answers: Answer[], allowed: RegExp[]): void {
  const others = answers.filter((answer) => !allowed.some((known) => known.test(said(answer))));
  assert.deepEqual(others, []);
}

function kill(pid: number): void {
  Deno.kill(pid, "SIGKILL");
}

async function cutConnections(sql: Sql): Promise<number> {
  const cut = await sql`
    select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'data-api'
  `;
  return cut.length;
}

/** A connection for one purpose: the server may have been another one a moment ago. */
async function withDatabase<Result>(
  { env }: Stack,
  run: (sql: Sql) => Promise<Result>,
): Promise<Result> {
  const sql = postgres(env.DB_URL, { max: 1, onnotice: () => {} });
  try {
    return await run(sql);
  } finally {
    await sql.end();
  }
}
