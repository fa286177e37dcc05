import assert from "node:assert/strict";
import { formatListing, listingJson } from "../../scripts/events/format.ts";
import { causesJson, formatCauses } from "../../scripts/events/causes.ts";
import type { LedgerEvent, OpenCause } from "../../scripts/events/ledger.ts";

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
    effect: null,
    next_attempt_at: null,
    error_code: "57014",
    error: null,
    ...changes,
  };
}

function shown(...events: LedgerEvent[]): string {
  return formatListing({ events, limit: 50, now: NOW }, 80);
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
  assert.equal(formatCauses([], 50, 80), "nothing is open");
  assert.equal(formatListing({ events: [], limit: 50, now: NOW }, 80), "no such event");
});

const CAUSE: OpenCause = {
  outcome: "failed",
  error_code: "23514",
  error: "constraint c of public.users",
  events: 71,
  event_types: { "user.updated": 1, "user.created": 70 },
  first_received_at: "2026-12-01T11:00:00Z",
  last_received_at: "2026-12-01T11:30:00Z",
  next_attempt_at: "2026-12-01T12:05:00Z",
  not_again: 3,
  newest_event_id: "msg_1",
};

Deno.test("a cause is told once: how many, what refuses them, since when, what to do, and what comes again", () => {
  const text = formatCauses([CAUSE], 50, 80);
  assert.deepEqual(text.split("\n").filter((line) => line.length > 80), []);
  const flowing = text.replaceAll(/\s+/g, " ");
  assert.match(flowing, /^71 × failed: constraint c of public\.users \(23514\) A rule of your/);
  assert.match(
    flowing,
    /user\.created 70, user\.updated 1; 2026-12-01 11:00:00 to 2026-12-01 11:30:00 UTC/,
  );
  assert.match(
    flowing,
    /next one again at about 2026-12-01 12:05:00 UTC\. It delivers 3 of them no more: replay/,
  );
  assert.match(flowing, /The newest: msg_1 /);
  assert.match(flowing, /71 events open, of 1 cause$/);
});

Deno.test("of a cause too what the ledger holds does not steer the terminal, and JSON has it with what it means", () => {
  const evil = { ...CAUSE, error: "\x1b[2J", event_types: { "a\x07": 71 } };
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(formatCauses([evil], 50, 80) + causesJson([evil], 50), /[\x07\x1b]/);
  const { causes: [cause], open, is_cut_off } = JSON.parse(causesJson([CAUSE], 1));
  assert.deepEqual([cause.events, open, is_cut_off], [71, 71, true]);
  assert.match(`${cause.meaning} ${cause.remedy}`, /^A rule .* Correct it/);
});

Deno.test("a rejected event names the field", () => {
  const error = "data.id: expected string";
  const text = shown(event({ outcome: "rejected", error_code: "invalid_body", error }));
  assert.match(text.replaceAll(/\s+/g, " "), /not what Clerk sends: .*data\.id: expected string\)/);
});

Deno.test("a value that can't be stored is not to be replayed, but corrected", () => {
  assert.match(
    shown(event({ outcome: "rejected", error_code: "22P05" })),
    /Correct that in\s+Clerk/,
  );
});

const CAUSES: [string, string | null, RegExp][] = [
  [
    "P0001",
    "function public.notify",
    /A rule of your database refuses it\. \(P0001: function public\.notify\)/,
  ],
  ["23514", "constraint c of public.users", /Correct it, or what it refuses/],
  [
    "42P01",
    "function app.audit",
    /rule of your database refuses it\. \(42P01: function app\.audit\)/,
  ],
  ["22P02", "in clerk_sync.merge_user", /no name refuses it in clerk_sync\.merge_user/],
  ["42883", "in public.upsert_user", /Apply the migrations/],
  ["PGRST202", null, /Apply the migrations/],
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
  const listing = { events: [event({})], limit: 1, now: NOW };
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
    listingJson({ events: [event({})], limit: 50, now: NOW }),
  );
  assert.equal(json.open, 1);
  assert.equal(json.events[0].is_open, true);
  assert.equal(json.events[0].advice.length, 4);
});
