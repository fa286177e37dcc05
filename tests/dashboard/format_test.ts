import { equal, match } from "node:assert/strict";
import { adviceFor, meaningOf } from "../../scripts/dashboard/page/advice.js";
import { ago, count, duration, parseTime } from "../../scripts/dashboard/page/format.js";

Deno.test("durations are told in the unit that fits", () => {
  const told = [0.44, 38, 1234, 61_000, 120_000, 7_200_000, 200_000_000].map(duration);
  equal(told.join(", "), "0.4 ms, 38 ms, 1.2 s, 61 s, 2 min, 2 h, 2.3 d");
  equal(duration(null), "–");
  equal(count(1234567), "1,234,567");
});

Deno.test("an age is whole and never in the future", () => {
  equal(ago(10_000, 10_500), "now");
  equal(ago(10_000, 9_000), "now");
  equal(ago(0, 59_999), "59 s ago");
  equal(ago(0, 119_000), "1 min ago");
  equal(ago(0, 3 * 86_400_000), "3 d ago");
});

Deno.test("PostgreSQL's times are read in both forms", () => {
  const expected = Date.UTC(2026, 10, 24, 19, 52, 0, 123);
  equal(parseTime("2026-11-24 19:52:00.123456+00"), expected);
  equal(parseTime("2026-11-24T21:52:00.123456+02:00"), expected);
});

Deno.test("an open event is told what it means and what to do", () => {
  match(adviceFor("failed").text, /Svix delivers it again/);
  match(adviceFor("rejected").text, /it names the field/);
  const failed = (error_code: string | null, error: string | null = null) =>
    meaningOf({ outcome: "failed", error_code, error });
  match(failed("57014"), /in time/);
  match(failed("42P01"), /apply the migrations/);
  match(
    failed("42P01", "function public.notify"),
    /your database refuses it: function public\.notify/,
  );
  match(
    failed("22001", "in clerk_sync.merge_user"),
    /no name refuses it in clerk_sync\.merge_user/,
  );
  equal(failed("unheard_of"), "");
  equal(failed(null), "");
  match(meaningOf({ outcome: "rejected", error_code: "invalid_body", error: "data.id" }), /field/);
  match(
    meaningOf({ outcome: "rejected", error_code: "22007", error: "a value" }),
    /does not store/,
  );
});
