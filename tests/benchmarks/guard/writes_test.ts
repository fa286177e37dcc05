/** What a call of each RPC writes: rows, exactly, and bytes of the write-ahead log, about. */
import assert from "node:assert/strict";
import postgres, { type Sql } from "postgres";
import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { asSuperuser } from "../../support/as_superuser.ts";
import { fill } from "../growth/fill.ts";
import { measureWrites, type Writes } from "../growth/write_amplification.ts";
import { callsOfStory } from "./calls.ts";

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

Deno.test("a call writes the rows that it must, and not much more WAL than it did", async (t) => {
  await using stack = await startTemporaryStack();
  const sql = postgres(stack.env.DB_URL, { max: 1, onnotice: () => {} });
  try {
    await asSuperuser(stack.superuserUrl, async (superuser) => {
      await fill(superuser, { to: FILLED });
      // After a checkpoint the first change of a page would log all of it.
      await superuser`alter system set full_page_writes = off`;
      await superuser`select pg_reload_conf()`;
    });
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
  } finally {
    await sql.end();
  }
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
