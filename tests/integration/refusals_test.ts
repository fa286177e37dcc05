import assert from "node:assert/strict";
import type { Sql } from "postgres";
import type { ClerkEvent } from "../../scripts/simulate/samples.ts";
import { databaseTest, deliver, newEventId, newStory, said } from "../support/stack.ts";

/** What an app hangs on public.users, for one user alone: other tests run beside these. */
interface Rule {
  what: string;
  make: (user: string) => string;
  code: string;
  error: RegExp;
}

const SECRET = "secret-of-ada@example.test";

/** A trigger on the rows of one user, whose function does this. */
function trigger(body: string, kind = "create trigger %s after insert or update"): Rule["make"] {
  return (user) => `
    create function app_refuses.${user}() returns trigger language plpgsql as $f$ begin ${body}; end $f$;
    ${kind.replace("%s", `refuses_${user}`)} on public.users
      ${kind.includes("constraint") ? "deferrable initially deferred" : ""}
      for each row when (new.external_id = '${user}') execute function app_refuses.${user}();
  `;
}

const RULES: Rule[] = [
  {
    what: "a trigger that raises, with a value in its message",
    make: trigger(
      "raise exception 'no % here', new.email using detail = new.email, hint = new.email",
    ),
    code: "P0001",
    error: /^function app_refuses\.user_\w+$/,
  },
  {
    what: "a trigger whose own insert lacks a value",
    make: trigger("insert into app_refuses.audit (detail) values (null)"),
    code: "23502",
    error: /^column detail of app_refuses\.audit, function app_refuses\.user_\w+$/,
  },
  {
    what: "a trigger that finds no function, for our search_path leads to none of the app",
    make: trigger("perform bound_instance()"),
    code: "42883",
    error: /^function app_refuses\.user_\w+$/,
  },
  {
    what: "a trigger at the commit",
    make: trigger(
      "raise exception using errcode = '23514', column = new.email",
      "create constraint trigger %s after insert or update",
    ),
    code: "23514",
    error: /^function app_refuses\.user_\w+$/,
  },
  {
    what: "a trigger that raises an answer of the Data API",
    make: trigger(
      `raise sqlstate 'PGRST' using message = '{"code":"' || new.email || '","message":"no"}', ` +
        `detail = '{"status":422,"headers":{}}'`,
    ),
    code: "PGRST",
    error: /^function app_refuses\.user_\w+$/,
  },
  {
    what: "a check",
    make: (user) =>
      `alter table public.users add constraint refuses_${user} check (external_id <> '${user}' or email = '') not valid`,
    code: "23514",
    error: /^constraint refuses_user_\w+ of public\.users$/,
  },
  {
    what: "a unique index",
    make: (user) => `
      insert into public.users (external_id, email) values ('${user}_first', '${SECRET}');
      create unique index refuses_${user} on public.users (email) where external_id like '${user}%';
    `,
    code: "23505",
    error: /^constraint refuses_user_\w+ of public\.users$/,
  },
];

/** The first event of a user, whose email address is a secret. */
function newUser(): { event: ClerkEvent; user: string } {
  const event = newStory()("user.created");
  const user = `user_${newEventId().slice(4).replaceAll("-", "")}`;
  const [address] = event.data.email_addresses as { id: string }[];
  const email_addresses = [{ ...address, email_address: SECRET }];
  const data = { ...event.data, id: user, email_addresses, primary_email_address_id: address!.id };
  return { event: { ...event, data }, user };
}

async function drop(sql: Sql, user: string): Promise<void> {
  await sql.unsafe(`
    drop trigger if exists refuses_${user} on public.users;
    drop function if exists app_refuses.${user}();
    alter table public.users drop constraint if exists refuses_${user};
    drop index if exists public.refuses_${user};
  `);
}

for (const { what, make, code, error } of RULES) {
  databaseTest(
    `${what} is the app's: 503, failed, named without a value; without it the event is applied`,
    async (sql) => {
      const { event, user } = newUser();
      const id = newEventId();
      await sql.unsafe(`
      create schema if not exists app_refuses;
      create table if not exists app_refuses.audit (detail text not null);
    `);
      await sql.unsafe(make(user));
      try {
        assert.equal(said(await deliver(event, id)), "503 unavailable");
        const [row] = await sql`
        select outcome, event_type, object_id, error_code, error, e::text as line
        from clerk_sync.events e where event_id = ${id}
      `;
        assert.deepEqual([row?.outcome, row?.event_type, row?.object_id, row?.error_code], [
          "failed",
          "user.created",
          user,
          code,
        ]);
        assert.match(row?.error, error);
        assert.doesNotMatch(row?.line, /secret/);
      } finally {
        await drop(sql, user);
      }
      assert.equal(said(await deliver(event, id)), "200 applied");
      const [row] =
        await sql`select outcome, attempts, error from clerk_sync.events where event_id = ${id}`;
      assert.deepEqual({ ...row }, { outcome: "applied", attempts: 2, error: null });
    },
  );
}

databaseTest("a slug that no index of ours takes is the body's: 422, rejected", async (sql) => {
  const event = newStory()("organization.created");
  const id = newEventId();
  // Nothing that compresses.
  const slug = Array.from({ length: 150 }, () => crypto.randomUUID()).join("");
  assert.equal(
    said(await deliver({ ...event, data: { ...event.data, slug } }, id)),
    "422 rejected",
  );
  const [row] =
    await sql`select outcome, error_code, error from clerk_sync.events where event_id = ${id}`;
  assert.deepEqual({ ...row }, {
    outcome: "rejected",
    error_code: "54000",
    error: "constraint organization_register_claimed_slug of clerk_sync.organization_register",
  });
});

databaseTest("a rule that is gone by the second look lets the event through", async (sql) => {
  const { event, user } = newUser();
  const id = newEventId();
  // A sequence is not rolled back: the first call is refused, the second is not.
  await sql.unsafe(
    `create schema if not exists app_refuses; create sequence app_refuses.calls_${user}`,
  );
  await sql.unsafe(
    trigger(
      `if nextval('app_refuses.calls_${user}') = 1 then raise exception 'once'; end if; return new`,
    )(user),
  );
  try {
    assert.equal(said(await deliver(event, id)), "200 applied");
  } finally {
    await drop(sql, user);
    await sql.unsafe(`drop sequence app_refuses.calls_${user}`);
  }
  const [row] =
    await sql`select outcome, attempts, error from clerk_sync.events where event_id = ${id}`;
  assert.deepEqual({ ...row }, { outcome: "applied", attempts: 1, error: null });
});
