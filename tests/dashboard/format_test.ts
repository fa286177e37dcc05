import { deepEqual, equal, match, ok } from "node:assert/strict";
import { adviceFor, effectOf } from "../../scripts/dashboard/page/advice.js";
import { ago, ahead, count, duration, parseTime } from "../../scripts/dashboard/page/format.js";

const NBSP = "\u00a0";

Deno.test("durations are told in the unit that fits", () => {
  const told = [0.44, 38, 1234, 61_000, 120_000, 7_200_000, 200_000_000].map(duration);
  // A number and its unit are never parted.
  ok(told.every((text) => !text.includes(" ")));
  equal(told.join(", ").replaceAll(NBSP, " "), "0.4 ms, 38 ms, 1.2 s, 61 s, 2 min, 2 h, 2.3 d");
  equal(duration(null), "–");
  equal(count(1234567), "1,234,567");
});

Deno.test("an age is whole and never in the future", () => {
  const told = [[10_000, 10_500], [10_000, 9_000], [0, 59_999], [0, 119_000], [0, 3 * 86_400_000]]
    .map(([at, now]) => ago(at!, now!).replaceAll(NBSP, " "));
  deepEqual(told, ["now", "now", "59 s ago", "1 min ago", "3 d ago"]);
});

Deno.test("what is to come is told as far ahead, and when it is overdue as due", () => {
  const told = [[9_000, 10_000], [10_500, 10_000], [250_000, 10_000], [7_300_000, 10_000]]
    .map(([at, now]) => ahead(at!, now!).replaceAll(NBSP, " "));
  deepEqual(told, ["any moment", "any moment", "in 4 min", "in 2 h"]);
});

Deno.test("PostgreSQL's times are read in both forms", () => {
  const expected = Date.UTC(2026, 10, 24, 19, 52, 0, 123);
  equal(parseTime("2026-11-24 19:52:00.123456+00"), expected);
  equal(parseTime("2026-11-24T21:52:00.123456+02:00"), expected);
});

Deno.test("an open event is told what it means and what to do", () => {
  const told = (outcome: string, error_code: string | null, error: string | null = null) =>
    Object.values(adviceFor({ outcome, error_code, error })).join(" ");
  const failed = (code: string | null, error?: string) => told("failed", code, error);
  match(failed("57014"), /in time.*load/);
  match(failed("42P01"), /Apply the migrations/);
  match(
    failed("42P01", "function public.notify"),
    /A rule of your database refuses it.*Correct it/,
  );
  match(
    failed("22001", "in clerk_sync.merge_user"),
    /no name refuses it in clerk_sync\.merge_user/,
  );
  match(failed("42883", "in public.upsert_user"), /Apply the migrations/);
  match(failed("unheard_of"), /The database did not take it/);
  match(failed(null), /The database did not take it/);
  match(told("rejected", "invalid_body", "data.id"), /a field is missing.*Replay it once/);
  match(told("rejected", "22007", "a value"), /does not store.*Correct that in Clerk/);
});

Deno.test("an event tells what it did to which row, also one of a kind that is not known yet", () => {
  const told = (
    outcome: string,
    effect: string | null,
    event_type: string,
    error: string | null = null,
  ) => effectOf({ outcome, effect, event_type, error });
  equal(told("applied", "created", "user.created"), "its row in users was made");
  equal(
    told("applied", "changed", "organizationMembership.updated"),
    "its row in organization_members was changed",
  );
  equal(told("applied", "deleted", "user.deleted"), "its row in users was marked as deleted");
  const removal = "organizationMembership.deleted";
  equal(told("applied", "deleted", removal), "its row in organization_members was removed");
  equal(
    told("applied", "deleted", removal, "constraint seats_member_id_fkey of public.seats"),
    "its row in organization_members is kept, without access",
  );
  equal(told("applied", "changed", "waitlistEntry.updated"), "its row was changed");
  equal(told("applied", null, "user.created"), "");
  equal(
    told("stale", "newer_membership", "x.y"),
    "a newer membership of the same pair was already here",
  );
  equal(told("stale", null, "x.y"), "a newer state was already here");
});
