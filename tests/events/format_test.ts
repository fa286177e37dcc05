import assert from "node:assert/strict";
import { formatListing, listingJson } from "../../scripts/events/format.ts";
import type { LedgerEvent } from "../../scripts/events/ledger.ts";

const NOW = new Date("2026-12-01T12:00:00Z");

function event(changes: Partial<LedgerEvent>): LedgerEvent {
  return {
    event_id: "msg_1",
    event_type: "user.created",
    object_id: "user_1",
    event_at: "2026-12-01T11:00:00Z",
    first_received_at: "2026-12-01T11:00:00Z",
    last_received_at: "2026-12-01T11:30:00Z",
    attempts: 3,
    outcome: "failed",
    outcome_at: "2026-12-01T11:30:00Z",
    error_code: "57014",
    error: null,
    ...changes,
  };
}

function shown(...events: LedgerEvent[]): string {
  return formatListing({ events, limit: 50, isFiltered: true, now: NOW }, 80);
}

Deno.test("a failed event shows its id, type, object, attempts, times and code", () => {
  const text = shown(event({}));
  for (
    const part of ["msg_1", "user.created", "user_1", "2026-12-01 11:00:00", "2026-12-01 11:30:00"]
  ) {
    assert.ok(text.includes(part), part);
  }
  assert.match(text, /^msg_1 {2}user\.created {2}failed\n {2}user_1, 3 attempts, /);
  assert.match(text, /57014/);
});

Deno.test("below the events it is said once how they are replayed and closed, with the id of a single one", () => {
  const one = shown(event({})).replaceAll(/\s+/g, " ");
  assert.match(one, /Webhooks → the endpoint → Message Attempts → search msg_1 → Replay/);
  assert.match(one, /npm run replay -- --file body\.json --id msg_1 /);
  assert.match(one, /npm run events -- --close msg_1 /);
  const two = shown(event({}), event({ event_id: "msg_2" }));
  assert.equal(two.match(/Replay/g)?.length, 1);
  assert.match(two, /--id msg_…\n[^]*--close msg_…\n/);
});

Deno.test("no line is longer than the terminal is wide, but for what must not be broken", () => {
  const error = "constraint users_email_is_no_alias of public.users, in a trigger of app.people";
  const text = shown(event({ error_code: "23514", error }), event({}), event({ outcome: "stale" }));
  assert.deepEqual(text.split("\n").filter((line) => line.length > 80), []);
});

Deno.test("nothing open is said to be so; a filter that matches nothing is no such event", () => {
  const nothing = { events: [], limit: 50, now: NOW };
  assert.equal(formatListing({ ...nothing, isFiltered: false }, 80), "nothing is open");
  assert.equal(formatListing({ ...nothing, isFiltered: true }, 80), "no such event");
});

Deno.test("a rejected event names the field", () => {
  const error = "data.id: expected string";
  const text = shown(event({ outcome: "rejected", error_code: "invalid_body", error }));
  assert.match(text, /not what Clerk sends, at data\.id: expected string\./);
});

Deno.test("a value that can't be stored is not to be replayed, but corrected", () => {
  assert.match(shown(event({ outcome: "rejected", error_code: "22P05" })), /correct it in Clerk/);
});

const CAUSES: [string, string | null, RegExp][] = [
  [
    "P0001",
    "function public.notify",
    /A rule of your database refuses it: function public\.notify\./,
  ],
  ["23514", "constraint c of public.users", /Correct that there, then replay/],
  ["42P01", "function app.audit", /rule of your database refuses it: function app\.audit/],
  ["22P02", "in clerk_sync.merge_user", /no name refuses it in clerk_sync\.merge_user/],
  ["42883", "in public.upsert_user", /apply the migrations/],
  ["PGRST202", null, /apply the migrations/],
  ["57014", null, /did not answer in time/],
  ["XX000", null, /The database did not take it/],
];

for (const [error_code, error, expected] of CAUSES) {
  Deno.test(`a failed event is told by where it comes from: ${error_code} ${error ?? ""}`, () => {
    const text = shown(event({ error_code, error })).replace(/\s+/g, " ");
    assert.match(text, expected);
    if (!expected.source.includes("migrations")) assert.doesNotMatch(text, /migrations/);
  });
}

Deno.test("after 90 days the Dashboard is of no use any more", () => {
  const text = shown(event({ first_received_at: "2026-08-01T00:00:00Z" }));
  assert.doesNotMatch(text, /Dashboard/);
  assert.match(text, /sync-from-clerk/);
});

Deno.test("a settled event needs nothing", () => {
  const text = shown(event({ outcome: "applied", error_code: null }));
  assert.doesNotMatch(text, /replay/i);
  assert.match(text, /1 event, 0 open$/);
});

Deno.test("as many as asked for may not be all", () => {
  const listing = { events: [event({})], limit: 1, isFiltered: false, now: NOW };
  const text = formatListing(listing, 80);
  assert.match(text, /there may be more than --limit 1$/);
});

Deno.test("what the ledger holds does not steer the terminal", () => {
  const text = shown(event({ event_type: "a\x1b[2Jb", error: "\x07" }));
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text, /[\x07\x1b]/);
});

Deno.test("with --json each event says whether it is open and what to do", () => {
  const json = JSON.parse(
    listingJson({ events: [event({})], limit: 50, isFiltered: false, now: NOW }),
  );
  assert.equal(json.open, 1);
  assert.equal(json.events[0].is_open, true);
  assert.equal(json.events[0].advice.length, 4);
});
