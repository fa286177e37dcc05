/** What the change queue says, of what, and what it does where something is in its way. */
import assert from "node:assert/strict";
import postgres, { type Sql } from "postgres";
import { stackEnv } from "../support/stack_env.ts";
import { kindsOf, type QueueDatabase, queueDatabase } from "./support.ts";

let queue: QueueDatabase;
Deno.test.beforeAll(async () => void (queue = await queueDatabase()));
Deno.test.afterAll(async () => await queue[Symbol.asyncDispose]());

/** A test with the queue on, as it is by default. */
function queueTest(name: string, run: (sql: Sql) => Promise<void>): void {
  Deno.test(name, async () => {
    await queue.sql`select public.sync_enable_change_queue()`;
    await run(queue.sql);
  });
}

let events = 0;

/** What makes a call that of an event, so long after the first. */
function event(): { id: string; at: string } {
  events++;
  return { id: `msg_queue_${events}`, at: new Date(1.7e12 + events * 1000).toISOString() };
}

/** In one transaction, as of one event. */
async function inTransaction(run: (sql: Sql) => Promise<void>): Promise<void> {
  await queue.sql.begin((sql) => run(sql as unknown as Sql));
}

const user = (sql: Sql, id: string, name = "Ada", { id: eventId, at } = event()) =>
  sql`select public.upsert_user(${id}, p_email => 'ada@example.com', p_full_name => ${name}, p_updated_at => ${at},
    p_event_id => ${eventId}, p_event_at => ${at}) as outcome`;
const organization = (sql: Sql, id: string, slug: string, creator: string | null = null) => {
  const { id: eventId, at } = event();
  return sql`select public.upsert_org_with_owner(${id}, 'Engines', ${slug}, p_created_by => ${creator}, p_updated_at => ${at},
    p_event_id => ${eventId}, p_event_at => ${at})`;
};
const member = (
  sql: Sql,
  organization: string,
  user: string,
  membership: string,
  role = "org:member",
) => {
  const { id: eventId, at } = event();
  return sql`select public.set_membership(${organization}, ${user}, ${role}, ${membership}, p_updated_at => ${at},
    p_user_full_name => 'Ada', p_organization_name => 'Engines', p_event_id => ${eventId}, p_event_at => ${at})`;
};
const removal = (sql: Sql, organization: string, user: string, membership: string) => {
  const { id: eventId, at } = event();
  return sql`select public.remove_membership(${organization}, ${user}, ${membership}, p_event_id => ${eventId},
    p_event_at => ${at})`;
};
const deletion = (sql: Sql, id: string) => {
  const { id: eventId, at } = event();
  return sql`select public.delete_user(${id}, p_event_id => ${eventId}, p_event_at => ${at})`;
};

queueTest("a user's first snapshot is one message, with ids and nothing personal", async (sql) => {
  const [message, ...others] = await queue.sentDuring(() => user(sql, "user_first"));
  const [row] = await sql`select id from public.users where external_id = 'user_first'`;
  assert.deepEqual(others, []);
  const { at, ...said } = message!;
  assert.ok(!Number.isNaN(Date.parse(at)));
  assert.deepEqual(said, {
    kind: "user.appeared",
    columns: [],
    source: "webhook",
    user_id: row!.id,
    user_external_id: "user_first",
  });
});

queueTest("a change names its columns, and none is sent of updated_at alone", async (sql) => {
  await user(sql, "user_changed");
  const [message, ...others] = await queue.sentDuring(async () => {
    await user(sql, "user_changed");
    await user(sql, "user_changed", "Ada King");
  });
  assert.equal(message?.kind, "user.changed");
  assert.deepEqual(message?.columns, ["full_name"]);
  assert.deepEqual(others, []);
});

queueTest("what is stale or a duplicate says nothing", async (sql) => {
  const old = event();
  const current = event();
  await user(sql, "user_twice", "Ada", current);
  const sent = await queue.sentDuring(async () => {
    assert.equal((await user(sql, "user_twice", "Older", old))[0]?.outcome, "stale");
    assert.equal((await user(sql, "user_twice", "Ada", current))[0]?.outcome, "duplicate");
  });
  assert.deepEqual(sent, []);
});

queueTest("a stub says nothing, and appears once, with its first snapshot", async (sql) => {
  const sent = await queue.sentDuring(async () => {
    await member(sql, "org_stub", "user_stub", "orgmem_stub");
    await user(sql, "user_stub");
    await organization(sql, "org_stub", "stub");
    await user(sql, "user_stub", "Ada King");
  });
  assert.deepEqual(kindsOf(sent), [
    "member.joined",
    "user.appeared",
    "organization.appeared",
    "user.changed",
  ]);
});

queueTest("a stub whose snapshot says the same appears all the same", async (sql) => {
  await sql`select public.set_membership('org_same', 'user_same', p_external_id => 'orgmem_same',
    p_user_email => 'ada@example.com', p_user_full_name => 'Ada')`;
  const sent = await queue.sentDuring(() => user(sql, "user_same"));
  assert.deepEqual(kindsOf(sent), ["user.appeared"]);
});

queueTest("a deleted user is deleted once, leaves, and is not heard of again", async (sql) => {
  await user(sql, "user_gone");
  await organization(sql, "org_left", "left", "user_gone");
  const late = event();
  const sent = await queue.sentDuring(async () => {
    await deletion(sql, "user_gone");
    await deletion(sql, "user_gone");
    await user(sql, "user_gone", "Late", late);
    await user(sql, "user_gone", "Later");
  });
  assert.deepEqual(kindsOf(sent), ["user.deleted", "member.left"]);
});

queueTest("who was deleted before anybody knew of them says nothing", async (sql) => {
  const sent = await queue.sentDuring(async () => {
    await deletion(sql, "user_never");
    await user(sql, "user_never");
  });
  assert.deepEqual(sent, []);
});

queueTest("a member joins, changes, leaves and joins again", async (sql) => {
  await user(sql, "user_member");
  await organization(sql, "org_member", "member");
  const sent = await queue.sentDuring(async () => {
    await member(sql, "org_member", "user_member", "orgmem_a");
    await member(sql, "org_member", "user_member", "orgmem_a", "org:admin");
    await removal(sql, "org_member", "user_member", "orgmem_a");
    await member(sql, "org_member", "user_member", "orgmem_b");
  });
  assert.deepEqual(kindsOf(sent), [
    "member.joined",
    "member.changed",
    "member.left",
    "member.joined",
  ]);
  assert.deepEqual(sent[1]?.columns, ["clerk_role", "role"]);
  const { user_external_id, organization_external_id, member_external_id } = sent[2]!;
  assert.deepEqual(
    [user_external_id, organization_external_id, member_external_id],
    ["user_member", "org_member", "orgmem_a"],
  );
});

queueTest(
  "a member whom something of the app's keeps leaves when the row becomes inactive",
  async (sql) => {
    await user(sql, "user_kept");
    await organization(sql, "org_kept", "kept", "user_kept");
    await member(sql, "org_kept", "user_kept", "orgmem_kept", "org:admin");
    await sql`create table public.seats (member_id uuid references public.organization_members (id))`;
    await sql`insert into public.seats select id from public.organization_members where external_id = 'orgmem_kept'`;
    const sent = await queue.sentDuring(() => removal(sql, "org_kept", "user_kept", "orgmem_kept"));
    await sql`drop table public.seats`;
    assert.deepEqual(kindsOf(sent), ["member.left"]);
  },
);

queueTest(
  "a row that a transaction writes several times is one message, with all columns",
  async (sql) => {
    await organization(sql, "org_many", "one");
    const sent = await queue.sentDuring(() =>
      inTransaction(async (sql) => {
        await organization(sql, "org_many", "two", "user_nobody");
        await sql`update public.organizations set plan = 'pro' where external_id = 'org_many'`;
      })
    );
    assert.deepEqual(sent.map(({ kind, columns }) => [kind, columns]), [
      ["organization.changed", ["created_by", "plan", "slug"]],
    ]);
  },
);

queueTest("who gets a slug from another has changed, and so has the other", async (sql) => {
  await organization(sql, "org_former", "wanted");
  const sent = await queue.sentDuring(() => organization(sql, "org_latter", "wanted"));
  const said = sent.map(({ kind, organization_external_id: id }) => `${id} ${kind}`);
  assert.deepEqual(said.sort(), [
    "org_former organization.changed",
    "org_latter organization.appeared",
  ]);
});

queueTest("what comes and goes in one transaction says nothing", async (sql) => {
  await user(sql, "user_brief");
  await organization(sql, "org_brief", "brief");
  const sent = await queue.sentDuring(() =>
    inTransaction(async (sql) => {
      await member(sql, "org_brief", "user_brief", "orgmem_brief");
      await removal(sql, "org_brief", "user_brief", "orgmem_brief");
    })
  );
  assert.deepEqual(sent, []);
});

/** A call of the Data API's, by a caller who says who it is. */
function calledBy(source: string, run: (sql: Sql) => Promise<unknown>): Promise<void> {
  return inTransaction(async (sql) => {
    const headers = JSON.stringify({ "clerk-sync-source": source });
    await sql`select set_config('request.headers', ${headers}, true)`;
    await run(sql);
  });
}

const page = (sql: Sql, id: string, name: string) =>
  sql`select public.sync_upsert_users(${
    sql.json([{ p_external_id: id, p_full_name: name, p_updated_at: event().at }])
  })`;

for (const source of ["sync", "backfill", "drift", "hand", "webhook", "anything"]) {
  const heard = source === "sync" ? "sync" : null;
  queueTest(`by default a page of ${source} is ${heard ? "" : "not "}queued`, async () => {
    const sent = await queue.sentDuring(() =>
      calledBy(source, (sql) => page(sql, `user_by_${source}`, "Ada"))
    );
    assert.deepEqual(sent.map(({ source }) => source), heard ? [heard] : []);
  });
}

queueTest("sources that are chosen are queued, and others no more", async (sql) => {
  await sql`select public.sync_enable_change_queue('{backfill,hand}')`;
  const sent = await queue.sentDuring(async () => {
    await user(sql, "user_chosen");
    await calledBy("backfill", (sql) => page(sql, "user_chosen", "Ada King"));
    await sql`update public.users set username = 'ada' where external_id = 'user_chosen'`;
  });
  assert.deepEqual(sent.map(({ kind, source, columns }) => [kind, source, columns]), [
    ["user.changed", "backfill", ["email", "full_name"]],
    ["user.changed", "hand", ["username"]],
  ]);
});

queueTest("a trigger of the app's reads why a row is written", async (sql) => {
  await sql.unsafe(`
    create table public.told (source text);
    create function public.tell() returns trigger language plpgsql as $$
      begin insert into public.told values (current_setting('clerk_sync.source', true)); return null; end $$;
    create trigger tell after insert on public.users for each row execute function public.tell()`)
    .simple();
  await user(sql, "user_told_1");
  await calledBy("drift", (sql) => page(sql, "user_told_2", "Ada"));
  await sql`select public.upsert_user('user_told_3')`;
  const told = await sql`select source from public.told`;
  await sql`drop function public.tell cascade`;
  await sql`drop table public.told`;
  assert.deepEqual(told.map(({ source }) => source), ["webhook", "drift", "hand"]);
});

queueTest(
  "members of a crowd leave for the reason of the deletion, whoever comes by",
  async (sql) => {
    await sql`insert into public.users (external_id, email) select 'user_crowd_' || n, '' from generate_series(1, 2100) n`;
    await organization(sql, "org_crowd", "crowd");
    await sql`insert into public.organization_members (organization_id, user_id)
    select o.id, u.id from public.organizations o join public.users u on starts_with(u.external_id, 'user_crowd_')
    where o.external_id = 'org_crowd'`;
    const sent = await queue.sentDuring(async () => {
      const { id, at } = event();
      await sql`select public.delete_org('org_crowd', ${id}, p_event_at => ${at})`;
      await sql`select public.sync_status()`;
    });
    const [first, ...others] = sent.map(({ kind, source }) => `${kind} ${source}`);
    assert.equal(first, "organization.deleted webhook");
    assert.equal(others.length, 2100);
    assert.deepEqual(others.filter((said) => said !== "member.left webhook"), []);
  },
);

queueTest(
  "an event that something of the app's refuses sends nothing until it is applied",
  async (sql) => {
    await sql`alter table public.users add constraint no_bob check (full_name <> 'Bob')`;
    const refused = event();
    const sent = await queue.sentDuring(async () => {
      await assert.rejects(user(sql, "user_bob", "Bob", refused), { code: "23514" });
      assert.deepEqual(await queue.messages(), []);
      await sql`alter table public.users drop constraint no_bob`;
      await user(sql, "user_bob", "Bob", refused);
    });
    assert.deepEqual(kindsOf(sent), ["user.appeared"]);
  },
);

const status = async (sql: Sql) =>
  (await sql`select public.sync_status() -> 'change_queue' as queue`)[0]?.queue;

queueTest(
  "where the queue was dropped events are applied, and the messages wait for it",
  async (sql) => {
    await sql`select pgmq.drop_queue('clerk_changes')`;
    assert.equal((await user(sql, "user_dropped"))[0]?.outcome, "applied");
    await user(sql, "user_dropped", "Ada King");
    const { is_there, unsent } = await status(sql);
    assert.deepEqual({ is_there, unsent }, { is_there: false, unsent: 2 });
    const [enabled] = await sql`select public.sync_enable_change_queue() as sent`;
    assert.equal(enabled?.sent, 2);
    assert.deepEqual(kindsOf(await queue.messages()), ["user.appeared", "user.changed"]);
    const { is_there: isThere, unsent: left } = await status(sql);
    assert.deepEqual([isThere, left], [true, 0]);
  },
);

queueTest(
  "where a trigger on the queue raises, events are applied and the messages wait",
  async (sql) => {
    await sql.unsafe(`
    create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
    create trigger refuse before insert on pgmq.q_clerk_changes for each row execute function public.refuse()`)
      .simple();
    const sent = await queue.sentDuring(() => user(sql, "user_refused"));
    await sql`drop function public.refuse cascade`;
    assert.deepEqual(sent, []);
    assert.equal((await status(sql)).unsent, 1);
    await sql`select public.sync_enable_change_queue()`;
    assert.deepEqual(kindsOf(await queue.messages()), ["user.appeared"]);
  },
);

queueTest("off, there is no trigger, nothing is sent, and what was sent stays", async (sql) => {
  const triggers = () => sql`select tgname from pg_trigger where tgname like '%queued'`;
  assert.equal((await triggers()).length, 7);
  const sent = await queue.sentDuring(async () => {
    await user(sql, "user_off");
    await sql`select public.sync_disable_change_queue()`;
    await user(sql, "user_off", "Ada King");
  });
  assert.deepEqual(kindsOf(sent), ["user.appeared"]);
  assert.deepEqual([...await triggers()], []);
  assert.equal(await status(sql), null);
});

for (const role of ["anon", "authenticated"]) {
  queueTest(
    `${role} reads nothing of the queue, though a project grants all of pgmq`,
    async (sql) => {
      await sql`grant usage on schema pgmq to ${sql(role)}`;
      await sql`grant all on all tables in schema pgmq to ${sql(role)}`;
      await sql`select public.sync_enable_change_queue()`;
      const read = inTransaction(async (sql) => {
        await sql`set local role ${sql(role)}`;
        await sql`select * from pgmq.read('clerk_changes', 0, 1)`;
      });
      await assert.rejects(read, { code: "42501" });
    },
  );
}

queueTest(
  "the secret key's role reads, archives and deletes messages, and sends none",
  async (sql) => {
    await queue.sentDuring(async () => {
      await user(sql, "user_read_1");
      await user(sql, "user_read_2");
    });
    await inTransaction(async (sql) => {
      await sql`set local role service_role`;
      const messages = await sql`select msg_id from pgmq.read('clerk_changes', 30, 10)`;
      assert.equal(messages.length, 2);
      const [done] = await sql`select pgmq.archive('clerk_changes', ${
        messages[0]!.msg_id
      }::bigint) as archived,
      pgmq.delete('clerk_changes', ${messages[1]!.msg_id}::bigint) as deleted`;
      assert.deepEqual({ ...done }, { archived: true, deleted: true });
    });
    await assert.rejects(
      inTransaction(async (sql) => {
        await sql`set local role service_role`;
        await sql`select pgmq.send('clerk_changes', '{}'::jsonb)`;
      }),
      { code: "42501" },
    );
  },
);

queueTest("sources that there are not, and none, are refused", async (sql) => {
  for (const sources of ["{webhook,mail}", "{}", null]) {
    const enabling = sql`select public.sync_enable_change_queue(${sources})`;
    await assert.rejects(enabling, { code: "22023" });
  }
});

Deno.test("without pgmq the queue can't be enabled, and the error says what to do", async () => {
  const sql = postgres(stackEnv().DB_URL, { max: 1, onnotice: () => {} });
  const enabling = sql`select public.sync_enable_change_queue()`;
  await assert.rejects(enabling, { code: "0A000", hint: /^Enable it: / });
  await sql.end();
});
