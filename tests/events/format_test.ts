import assert from "node:assert/strict";
import { formatListing, listingJson } from "../../scripts/events/format.ts";
import type { LedgerEvent } from "../../scripts/events/ledger_event.ts";

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
  return formatListing({ events, limit: 50, now: NOW });
}

Deno.test("a failed event shows its id, type, object, attempts, times and code", () => {
  const text = shown(event({}));
  for (
    const part of ["msg_1", "user.created", "user_1", "2026-12-01 11:00:00", "2026-12-01 11:30:00"]
  ) {
    assert.ok(text.includes(part), part);
  }
  assert.match(text, /│ failed +│ 3 +│/);
  assert.match(text, /57014/);
});

Deno.test("below the table each open event says how it is replayed", () => {
  const text = shown(event({}));
  assert.match(text, /Webhooks → the endpoint → Message Attempts → search msg_1 → Replay/);
  assert.match(text, /npm run replay -- --file body\.json --id msg_1/);
});

Deno.test("a rejected event names the field", () => {
  const text = shown(
    event({ outcome: "rejected", error_code: "invalid_body", error: "data.id: expected string" }),
  );
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

Deno.test("an open event says how it is closed", () => {
  assert.match(shown(event({})), /npm run events -- --close msg_1/);
});

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
  const text = formatListing({ events: [event({})], limit: 1, now: NOW });
  assert.match(text, /there may be more than --limit 1$/);
});

Deno.test("what the ledger holds does not steer the terminal", () => {
  const text = shown(event({ event_type: "a\x1b[2Jb", error: "\x07" }));
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text, /[\x07\x1b]/);
});

Deno.test("with --json each event says whether it is open and what to do", () => {
  const json = JSON.parse(listingJson({ events: [event({})], limit: 50, now: NOW }));
  assert.equal(json.open, 1);
  assert.equal(json.events[0].is_open, true);
  assert.equal(json.events[0].advice.length, 4);
});
