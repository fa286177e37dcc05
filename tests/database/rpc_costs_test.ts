/**
 * What a call of each RPC costs the database: rows, exactly, bytes of the write-ahead log, about, and that it reads no table
 * whole, so that it does not grow with what is stored.
 */
import assert from "node:assert/strict";
import postgres, { type Sql } from "postgres";
import { freshId, storyEvent } from "../../scripts/simulate/story.ts";
import type { SampleType } from "../../scripts/simulate/samples.ts";
import { startTemporaryStack } from "../../scripts/temporary_stack.ts";
import type { RpcCall } from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { route } from "../../supabase/functions/clerk-webhook/route.ts";
import { fill, FILLED_TABLES, filledId, insertRows } from "../benchmarks/rpcs/fill.ts";
import { measureWrites, type Writes } from "../benchmarks/rpcs/writes.ts";
import { asSuperuser } from "../support/as_superuser.ts";

/** Rows: + inserted, ~ updated without a write to an index (HOT), ! updated with, - deleted. WAL: bytes as they are now. */
const EXPECTED: Record<string, { rows: string; wal: number }> = {
  "upsert_user, new": {
    rows: "events +1, public_user_data +1, user_register +1, users +1",
    wal: 1541,
  },
  "upsert_user, duplicate": { rows: "events ~1", wal: 87 },
  "upsert_user, update": {
    rows: "events +1, public_user_data ~1, user_register ~1, users ~1",
    wal: 827,
  },
  "upsert_user, stale": { rows: "events +1", wal: 427 },
  "upsert_org_with_owner, new": {
    rows: "events +1, membership_register +1, organization_members +1, " +
      "organization_register +1, organizations +1",
    wal: 2742,
  },
  "set_membership, creator's": {
    rows: "events +1, membership_register +1, organization_members ~1",
    wal: 1281,
  },
  "set_membership, new": {
    rows: "events +1, membership_register +1, organization_members +1",
    wal: 1677,
  },
  "set_membership, update": {
    rows: "events +1, membership_register ~1, organization_members ~1",
    wal: 756,
  },
  "upsert_org_with_owner, update": {
    rows: "events +1, organization_register !1, organizations ~1 !1",
    wal: 1747,
  },
  "remove_membership": {
    rows: "events +1, membership_register ~1, organization_members -1",
    wal: 613,
  },
  "record_session, new": {
    rows: "events +1, session_register +1, user_sessions +1",
    wal: 1292,
  },
  "record_session, update": {
    rows: "events +1, session_register ~1, user_sessions ~2",
    wal: 837,
  },
  "record_snapshots, new": {
    rows: "events +1, snapshot_register +1, subscriptions +1",
    wal: 1205,
  },
  "record_snapshots, update": {
    rows: "events +1, organizations ~1, snapshot_register ~1, subscriptions ~1",
    wal: 903,
  },
  "record_snapshots, stale": { rows: "events +1", wal: 498 },
  "record_snapshots, invitation": {
    rows: "events +1, organization_invitations +1, snapshot_register +1",
    wal: 1298,
  },
  "record_snapshots, invitation accepted": {
    rows: "events +1, organization_invitations !1, snapshot_register ~1",
    wal: 1219,
  },
  "delete_org": {
    rows: "events +1, organization_members !1, organization_register ~1, organizations ~1 !1",
    wal: 1111,
  },
  "delete_user": { rows: "events +1, user_register ~1, users ~1", wal: 635 },
  "record_event": { rows: "events +1", wal: 343 },
};

/** So many times the WAL of now is let pass. */
const TOLERANCE = 1.25;

/** Users, memberships and events. */
const FILLED = 20_000;

/** Some calls meet a page that is full, or split one of an index: of so many the cheapest shows what the call itself takes. */
const TELLINGS = 15;

/** Each delivery names its instance, as Clerk's do, and is asked whether it is the one that the project is bound to. */
const INSTANCE_ID = "ins_guard";

/** A connection keeps its plans until the next analyze: how many rows it made them for. */
const PLANNED_FOR = [0, 50, FILLED];

Deno.test("a call of an RPC costs what it must, and not more", async (t) => {
  await using stack = await startTemporaryStack();
  const withDatabase = async (run: (sql: Sql) => Promise<void>) => {
    const sql = postgres(stack.env.DB_URL, { max: 1, onnotice: () => {} });
    await run(sql).finally(() => sql.end());
  };
  await asSuperuser(stack.superuserUrl, async (superuser) => {
    await fill(superuser, { to: FILLED });
    // After a checkpoint the first change of a page would log all of it.
    await superuser`alter system set full_page_writes = off`;
    await superuser`select pg_reload_conf()`;
    await withDatabase(async (sql) => {
      await sql`select public.sync_bind_instance(${INSTANCE_ID})`;
      const cheapest = await cheapestOfEach(sql);
      assert.deepEqual(Object.keys(cheapest), Object.keys(EXPECTED));
      for (const [name, { rows, wal }] of Object.entries(EXPECTED)) {
        const writes = cheapest[name]!;
        await t.step(`${name}: ${rows}`, () => assert.equal(rowsOf(writes), rows));
        const limit = Math.floor(wal * TOLERANCE);
        await t.step(`${name}: at most ${limit} bytes of WAL`, () => {
          assert.ok(writes.walBytes <= limit, `${writes.walBytes} bytes`);
        });
      }
    });
    for (const [index, count] of PLANNED_FOR.entries()) {
      await t.step(
        `no RPC reads a table whole by plans for ${count} rows`,
        () =>
          withDatabase(async (sql) => {
            await superuser.unsafe(`truncate ${Object.keys(FILLED_TABLES).join()}`);
            await insertRows(superuser, { to: count });
            if (count > 0) await superuser`analyze`;
            await readWhole(sql, FILLED + 2 * index);
            await insertRows(superuser, { from: count, to: FILLED });
            assert.deepEqual(await readWhole(sql, FILLED + 2 * index + 1), {});
          }),
      );
    }
  });
});

async function cheapestOfEach(sql: Sql): Promise<Record<string, Writes>> {
  const cheapest: Record<string, Writes> = {};
  for (let telling = 0; telling < TELLINGS; telling++) {
    for (const [name, call] of callsOfStory(telling)) {
      const [writes] = await measureWrites(sql, [call]);
      const known = cheapest[name];
      if (!known || writes!.walBytes < known.walBytes) cheapest[name] = writes!;
    }
  }
  return cheapest;
}

function rowsOf({ tables }: Writes): string {
  return Object.entries(tables).toSorted().map(([name, writes]) => {
    const { inserted, hotUpdated, updated, deleted } = writes;
    const counts = { "+": inserted, "~": hotUpdated, "!": updated - hotUpdated, "-": deleted };
    const told = Object.entries(counts).filter(([, count]) => count > 0);
    return [name, ...told.map((pair) => pair.join(""))];
  }).filter(({ length }) => length > 1).map((words) => words.join(" ")).join(", ");
}

/** The tables that each call of a telling reads whole. */
async function readWhole(sql: Sql, telling: number): Promise<Record<string, string[]>> {
  const whole: Record<string, string[]> = {};
  for (const [name, call] of callsOfStory(telling)) {
    const [writes] = await measureWrites(sql, [call]);
    const tables = Object.entries(writes!.tables)
      .filter(([, { sequentialScans }]) => sequentialScans > 0)
      .map(([table]) => table);
    if (tables.length > 0) whole[name] = tables;
  }
  return whole;
}

/**
 * Calls of the RPCs as the function makes them for one telling of the sample story, in order: each with what it is to the
 * database.
 */
function callsOfStory(index: number): [name: string, call: RpcCall][] {
  const story = { seed: "guard", index, endsAt: Date.now() };
  const eventId = (of: string) => freshId("msg", `${index}/${of}`);
  const callOf = (type: SampleType, id = eventId(type)): RpcCall => {
    const { data, timestamp } = storyEvent(type, story);
    const routed = route(type, data);
    if (routed.kind !== "apply") throw new Error(`no RPC takes ${type}`);
    const { name, args } = routed.call;
    const context = {
      p_event_id: id,
      p_event_type: type,
      p_event_at: new Date(timestamp),
      p_instance_id: INSTANCE_ID,
    };
    return { name, args: { ...args, ...context } };
  };
  const joining = callOf("organizationMembership.created", eventId("someone else joins"));
  const someoneElse = {
    p_external_id: freshId("orgmem", `${index}/someone else`),
    p_user_external_id: filledId("user", index + 1),
    p_role: "org:member",
  };
  return [
    ["upsert_user, new", callOf("user.created")],
    ["upsert_user, duplicate", callOf("user.created")],
    ["upsert_user, update", callOf("user.updated")],
    ["upsert_user, stale", callOf("user.created", eventId("an old state"))],
    ["upsert_org_with_owner, new", callOf("organization.created")],
    ["set_membership, creator's", callOf("organizationMembership.created")],
    ["set_membership, new", { ...joining, args: { ...joining.args, ...someoneElse } }],
    ["set_membership, update", callOf("organizationMembership.updated")],
    ["upsert_org_with_owner, update", callOf("organization.updated")],
    ["remove_membership", callOf("organizationMembership.deleted")],
    ["record_session, new", callOf("session.created")],
    ["record_session, update", callOf("session.ended")],
    ...snapshotCalls(index),
    ["delete_org", callOf("organization.deleted")],
    ["delete_user", callOf("user.deleted")],
    [
      "record_event",
      { name: "record_event", args: { p_event_id: eventId("ignored"), p_outcome: "ignored" } },
    ],
  ];
}

/** An organization's subscription item, its next state and an old one; an invitation and its acceptance. */
function snapshotCalls(index: number): [name: string, call: RpcCall][] {
  const organization = filledId("organization", index + 1);
  const callOf = (
    of: string,
    kind: "subscription" | "invitation",
    element: Record<string, string | null>,
  ): RpcCall => ({
    name: "record_snapshots",
    args: {
      p_kind: kind,
      p_snapshots: [{ p_organization_external_id: organization, ...element }],
      p_event_id: freshId("msg", `${index}/${of}`),
      p_event_type: `${kind}.updated`,
      p_event_at: new Date(),
      p_instance_id: INSTANCE_ID,
    } as unknown as RpcCall["args"],
  });
  const item = (status: string, at: string) => ({
    p_external_id: freshId("csub_item", `${index}/item`),
    p_user_external_id: null,
    p_plan: "pro",
    p_status: status,
    p_period_start: "2099-01-01T00:00:00Z",
    p_updated_at: at,
  });
  const invitation = (status: string, user: string | null) => ({
    p_external_id: freshId("orginv", `${index}/invitation`),
    p_email: `invited${index}@example.com`,
    p_clerk_role: "org:member",
    p_status: status,
    p_user_external_id: user,
    p_updated_at: "2026-01-01T00:00:00Z",
  });
  const user = filledId("user", index + 1);
  return [
    [
      "record_snapshots, new",
      callOf("1", "subscription", item("upcoming", "2026-01-01T00:00:00Z")),
    ],
    [
      "record_snapshots, update",
      callOf("2", "subscription", item("active", "2026-02-01T00:00:00Z")),
    ],
    ["record_snapshots, stale", callOf("3", "subscription", item("ended", "2026-01-01T00:00:00Z"))],
    ["record_snapshots, invitation", callOf("4", "invitation", invitation("pending", null))],
    [
      "record_snapshots, invitation accepted",
      callOf("5", "invitation", invitation("accepted", user)),
    ],
  ];
}
