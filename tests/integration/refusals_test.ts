/** What an app's own rules refuse, as the webhook answers it: which of them are told apart, and by what name, is pgTAP's. */
import assert from "node:assert/strict";
import type { Sql } from "postgres";
import { drop, hangOn } from "../support/app_trigger.ts";
import { databaseTest as test, deliver, newEventId, newStory, said } from "../support/stack.ts";

const SECRET = "secret-of-ada@example.test";

/** The first event of a user, whose email address is a secret. */
function newUser() {
  const event = newStory()("user.created");
  const user = `user_${newEventId().slice(4).replaceAll("-", "")}`;
  const [address] = event.data.email_addresses as { id: string }[];
  const email_addresses = [{ ...address, email_address: SECRET }];
  const data = { ...event.data, id: user, email_addresses, primary_email_address_id: address!.id };
  return { event: { ...event, data }, user, id: newEventId() };
}

async function ledgerOf(sql: Sql, id: string) {
  const [row] = await sql`
    select outcome, attempts, object_id, error_code, error, e::text as line
    from clerk_sync.events e where event_id = ${id}
  `;
  return row!;
}

const RULES: [what: string, code: string, body: string, isLate?: boolean][] = [
  [
    "that raises, with a value in its message",
    "P0001",
    "raise exception 'no % here', new.email using detail = new.email, hint = new.email",
  ],
  [
    "at the commit",
    "23514",
    "raise exception using errcode = '23514', column = new.email",
    true,
  ],
  [
    "that raises an answer of the Data API",
    "PGRST",
    `raise sqlstate 'PGRST' using message = '{"code":"' || new.email || '","message":"no"}', ` +
    `detail = '{"status":422,"headers":{}}'`,
  ],
];

for (const [what, code, body, isLate] of RULES) {
  test(`a trigger ${what} is the app's: 503, failed, named without a value; without it the event is applied`, async (sql) => {
    const { event, user, id } = newUser();
    await hangOn(sql, user, body, isLate);
    try {
      assert.equal(said(await deliver(event, id)), "503 unavailable");
      const { line, attempts: _, ...row } = await ledgerOf(sql, id);
      const error = `function app_refuses.${user}`;
      assert.deepEqual(row, { outcome: "failed", object_id: user, error_code: code, error });
      assert.doesNotMatch(line, /secret/);
    } finally {
      await drop(sql, user);
    }
    assert.equal(said(await deliver(event, id)), "200 applied");
    const { outcome, attempts, error } = await ledgerOf(sql, id);
    assert.deepEqual([outcome, attempts, error], ["applied", 2, null]);
  });
}

test("a rule that is gone by the second look lets the event through", async (sql) => {
  const { event, user, id } = newUser();
  // A sequence is not rolled back: the first call is refused, the second is not.
  const calls = `app_refuses.calls_${user}`;
  await sql.unsafe(`create schema if not exists app_refuses; create sequence ${calls}`);
  const isFirst = `nextval('${calls}') = 1`;
  await hangOn(sql, user, `if ${isFirst} then raise exception 'once'; end if; return new`);
  try {
    assert.equal(said(await deliver(event, id)), "200 applied");
  } finally {
    await drop(sql, user);
    await sql.unsafe(`drop sequence ${calls}`);
  }
  const { outcome, attempts, error } = await ledgerOf(sql, id);
  assert.deepEqual([outcome, attempts, error], ["applied", 1, null]);
});
