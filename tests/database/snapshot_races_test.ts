/** Two transactions at once, each having written before the other commits: the state is that of one after the other. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import postgres, { type Sql } from "postgres";
import { stackEnv } from "../support/stack_env.ts";

interface Race {
  /** What was told before. `#` stands for what makes ids this race's own. */
  before?: string[];
  /** Two statements. Each is tried as the first, and the other waits for it or does not. */
  atOnce: [string, string];
  /** What is asked afterwards. */
  ask: string;
  /** What it answers, whoever was first. */
  answer: unknown[];
}

/** A subscription item; times are days of January. */
function item(id: string, updated: number, more: Record<string, unknown> = {}): string {
  return record("subscription", {
    p_external_id: `csub_item_${id}_#`,
    p_organization_external_id: "org_a_#",
    p_plan: id,
    p_status: "active",
    p_period_start: `2026-01-0${updated}`,
    p_updated_at: `2026-01-0${updated}`,
    ...more,
  });
}

const ENDED = { p_status: "ended" };

function invitation(updated: number, more: Record<string, unknown>): string {
  return record("invitation", {
    p_external_id: "orginv_#",
    p_organization_external_id: "org_a_#",
    p_email: "ada#@example.test",
    p_clerk_role: "org:member",
    p_status: "pending",
    p_updated_at: `2026-01-0${updated}`,
    ...more,
  });
}

function record(kind: string, element: Record<string, unknown>, eventId: string | null = null) {
  const id = eventId === null ? "null" : `'${eventId}'`;
  return `select public.record_snapshots('${kind}', '[${
    JSON.stringify(element)
  }]', p_event_id => ${id})`;
}

const ORGANIZATION = "select public.upsert_org_with_owner('org_a_#', 'A')";
const PLAN =
  "select plan from public.organizations where external_id in ('org_a_#', 'org_b_#') order by external_id";
const STATUS = "select status from public.subscriptions where external_id = 'csub_item_pro_#'";
const EMAIL = "select email from public.organization_invitations where external_id = 'orginv_#'";
const ERASED = [
  "select public.upsert_user('user_#', 'ada#@example.test')",
  "select public.delete_user('user_#')",
];
const PURGE = "select public.sync_purge_events('100 years')";
/** Canceled, and over since, without an event that said so. */
const OVER = `update public.subscriptions
  set status = 'canceled', period_end = now() + interval '1 hour'
  where external_id = 'csub_item_pro_#';
  alter table public.subscriptions disable trigger the_plan_follows;
  update public.subscriptions set period_end = now() - interval '1 hour' where external_id = 'csub_item_pro_#';
  alter table public.subscriptions enable trigger the_plan_follows`;

const RACES: Record<string, Race> = {
  "two items of one organization": {
    before: [ORGANIZATION, item("pro", 1)],
    atOnce: [item("pro", 2, ENDED), item("team", 3)],
    ask: PLAN,
    answer: ["team"],
  },
  "two items that end": {
    before: [ORGANIZATION, item("pro", 1), item("team", 1)],
    atOnce: [item("pro", 2, ENDED), item("team", 2, ENDED)],
    ask: PLAN,
    answer: ["free"],
  },
  "an item and its organization, both for the first time": {
    atOnce: [ORGANIZATION, item("pro", 1)],
    ask: PLAN,
    answer: ["pro"],
  },
  "an item and an organization that a membership tells of": {
    atOnce: ["select public.set_membership('org_a_#', 'user_#')", item("pro", 1)],
    ask: PLAN,
    answer: ["pro"],
  },
  "two states of one item": {
    before: [ORGANIZATION],
    atOnce: [item("pro", 1), item("pro", 2, ENDED)],
    ask: STATUS,
    answer: ["ended"],
  },
  "an item whose organization is not told, and another one of it": {
    before: [ORGANIZATION, item("pro", 1), item("team", 1)],
    atOnce: [
      item("pro", 2, { ...ENDED, p_organization_external_id: null }),
      item("team", 2, ENDED),
    ],
    ask: PLAN,
    answer: ["free"],
  },
  "an item that another organization pays from now on, and one of the former": {
    before: [
      ORGANIZATION,
      "select public.upsert_org_with_owner('org_b_#', 'B')",
      item("pro", 1),
      item("team", 1),
    ],
    atOnce: [item("team", 2, { p_organization_external_id: "org_b_#" }), item("pro", 2, ENDED)],
    ask: PLAN,
    answer: ["free", "team"],
  },
  "an item that becomes active again, and a purge that finds it over": {
    before: [ORGANIZATION, item("pro", 1), OVER],
    atOnce: [item("pro", 2), PURGE],
    ask: PLAN,
    answer: ["pro"],
  },
  "a plan that somebody writes, and an item": {
    before: [ORGANIZATION, item("pro", 1)],
    atOnce: [
      "update public.organizations set plan = 'mine' where external_id = 'org_a_#'",
      item("team", 2),
    ],
    ask: PLAN,
    answer: ["team"],
  },
  "an acceptance, and the erasure of who accepted": {
    before: [...ERASED, invitation(1, { p_email: "old#@example.test" })],
    atOnce: [
      invitation(2, { p_status: "accepted", p_user_external_id: "user_#" }),
      "select public.sync_erase_user('user_#')",
    ],
    ask: EMAIL,
    answer: [""],
  },
  "an acceptance that comes first, and the erasure of who accepted": {
    before: ERASED,
    atOnce: [
      invitation(2, { p_status: "accepted", p_user_external_id: "user_#" }),
      "select public.sync_erase_user('user_#')",
    ],
    ask: EMAIL,
    answer: [""],
  },
  "plans that follow from now on, and an item": {
    before: [ORGANIZATION, "select public.sync_plan_follows_billing(false)"],
    atOnce: ["select public.sync_plan_follows_billing(true)", item("pro", 1)],
    ask: PLAN,
    answer: ["pro"],
  },
  "an item, and a page with a newer state of it": {
    before: [ORGANIZATION],
    atOnce: [
      item("pro", 1),
      item("pro", 2, ENDED).replace("record_", "sync_record_").replace(/, p_event_id.*$/, ")"),
    ],
    ask: STATUS,
    answer: ["ended"],
  },
};

for (const [name, race] of Object.entries(RACES)) {
  const [one, other] = race.atOnce;
  for (
    const [order, first, second] of [["in this order", one, other], [
      "the other way round",
      other,
      one,
    ]] as const
  ) {
    Deno.test(`at once: ${name}, ${order}`, () => run(race, first, second));
  }
}

Deno.test("at once: an event and its twin are applied once", async () => {
  const told = record("subscription", {
    p_external_id: "csub_item_#",
    p_user_external_id: "user_#",
    p_status: "active",
  }, "msg_#");
  await run(
    {
      atOnce: [told, told],
      ask: "select outcome, attempts from clerk_sync.events where event_id = 'msg_#'",
      answer: ["applied", 2],
    },
    told,
    told,
  );
});

async function run({ before = [], ask, answer }: Race, first: string, second: string) {
  const tag = randomUUID();
  const sql = postgres(stackEnv().DB_URL, { max: 3, onnotice: () => {} });
  const tell = (by: Sql, statement: string) => by.unsafe(statement.replaceAll("#", tag)).simple();
  try {
    for (const statement of before) await tell(sql, statement);
    let waiter: Promise<unknown> = Promise.resolve();
    await sql.begin(async (transaction) => {
      await tell(transaction as unknown as Sql, first);
      let isDone = false;
      waiter = tell(sql, second).then(() => isDone = true);
      waiter.catch(() => isDone = true);
      await until(async () => isDone || await somebodyWaitsFor(transaction as unknown as Sql));
    });
    await waiter;
    const rows = await sql.unsafe(ask.replaceAll("#", tag)).values();
    assert.deepEqual(rows.flat(), answer);
  } finally {
    await sql`select public.sync_plan_follows_billing(true)`;
    await sql.end();
  }
}

async function somebodyWaitsFor(sql: Sql): Promise<boolean> {
  const [row] = await sql`
    select exists (
      select from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))
    ) as is_so
  `;
  return row!.is_so;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!await isSo()) await new Promise((wake) => setTimeout(wake, 10));
}
