import { equal, match } from "node:assert/strict";
import { type HealthStatus, judgeHealth } from "../../supabase/functions/_clerk_sync/health.ts";

const NOW = new Date("2026-11-24T12:00:00Z");

/** Outcomes and how many minutes ago each was last given. */
type Last = Record<string, number | null>;

function judge(
  last: Last,
  open: Partial<HealthStatus["open"]> = {},
  context: { silentAfterHours?: number; isRefusing?: boolean } = {},
  runs: Pick<HealthStatus, "last_backfill" | "last_drift_check"> = {},
) {
  const times = Object.entries(last).map(([outcome, minutes]) => [
    outcome,
    minutes === null ? null : new Date(NOW.getTime() - minutes * 60_000).toISOString(),
  ]);
  const status = {
    last: Object.fromEntries(times),
    open: { failed: 0, rejected: 0, ...open },
    ...runs,
  };
  return judgeHealth(status, { now: NOW, silentAfterHours: null, ...context });
}

const REFUSING = { isRefusing: true };
const QUIET = { applied: 600, ignored: 121 };
const HOUR = 60;
const DAY = 24 * HOUR;
const WORDS: [what: string, word: string, ...Parameters<typeof judge>][] = [
  ["events that were applied, and none open", "ok", { applied: 1 }],
  [
    "no event at all, even where silence is judged",
    "no_events",
    { applied: null, failed: null },
    {},
    { silentAfterHours: 1 },
  ],
  ["a failed event, whatever was applied later", "failing", { applied: 1, failed: 600 }, {
    failed: 1,
  }],
  ["a failed event besides rejected ones", "failing", { applied: 90 }, { failed: 1, rejected: 2 }],
  ["a rejected event", "rejected", { applied: 90 }, { rejected: 2 }],
  ["a rejected event, and silence", "silent", { applied: 90 }, { rejected: 2 }, {
    silentAfterHours: 1,
  }],
  ["silence for longer than is allowed", "silent", QUIET, {}, { silentAfterHours: 2 }],
  ["silence that is allowed", "ok", QUIET, {}, { silentAfterHours: 2.1 }],
  ["silence where none is judged", "ok", QUIET],
  ["refusals, and nothing else", "refused", {}, {}, REFUSING],
  ["refusals, and an old event", "refused", { applied: 16 }, {}, REFUSING],
  // It may be the doctor's own, signed with the very secret that is wrong.
  ["refusals, and an ignored event", "refused", { ignored: 1 }, {}, REFUSING],
  ["refusals, and silence", "refused", { applied: 600 }, {}, { ...REFUSING, silentAfterHours: 1 }],
  ["refusals, and a failed event", "failing", { failed: 60 }, { failed: 1 }, REFUSING],
  ...["applied", "stale", "rejected", "failed"].map((outcome): typeof WORDS[number] => [
    `refusals, and an event that was ${outcome} of late`,
    "refused",
    { [outcome]: 15 },
    {},
    REFUSING,
  ]),
  ["refusals, and a rejected event", "refused", { rejected: 5 }, { rejected: 1 }, REFUSING],
];

for (const [what, word, ...args] of WORDS) {
  Deno.test(`${what}: ${word}`, () => equal(judge(...args).word, word));
}

Deno.test("a database that does not answer is unreachable, refusals or not", () => {
  for (const isRefusing of [false, true]) {
    equal(judgeHealth(null, { now: NOW, silentAfterHours: null, isRefusing }).word, "unreachable");
  }
});

Deno.test("the reason counts the events, says whether it goes on, and names what refuses", () => {
  const reason = (...args: Parameters<typeof judge>) => judge(...args).reason;
  equal(reason({ applied: 1, failed: 600 }, { failed: 1 }), "1 event failed and is still open.");
  match(
    reason({ applied: 9, failed: 2 }, { failed: 3 }),
    /^3 events failed, and none was applied since/,
  );
  match(reason({ applied: 99, failed: 16 }, { failed: 3 }), /are still open/);
  match(reason({ applied: 90 }, { rejected: 2 }), /^2 events were rejected/);
  equal(
    reason({}, { failed: 2, newest_error: "P0001: function public.notify" }),
    "2 events failed and are still open (the newest: P0001: function public.notify).",
  );
});

const ran = (daysAgo: number | null, outcome?: string) => ({
  finished_at: daysAgo === null
    ? null
    : new Date(NOW.getTime() - daysAgo * DAY * 60_000).toISOString(),
  state: { outcome },
});
const WELL = { last_backfill: ran(90), last_drift_check: ran(1, "in_sync") };

/** Minutes since the last event, what ran, and what is said after "Every event is settled." */
const CAVEATS: [what: string, minutes: number, runs: Parameters<typeof judge>[3], said: RegExp][] =
  [
    ["nothing is amiss", DAY, WELL, /^$/],
    ["it was not asked what ran", DAY, {}, /^$/],
    ["no event has come for nine days", 9 * DAY + HOUR, WELL, /^None has arrived for 9 days\.$/],
    [
      "there was no backfill",
      1,
      { ...WELL, last_backfill: null },
      /^There was no backfill: .*missing\.$/,
    ],
    [
      "the backfill was interrupted",
      1,
      { ...WELL, last_backfill: ran(null) },
      /backfill did not come/,
    ],
    [
      "it was never compared",
      1,
      { ...WELL, last_drift_check: null },
      /^The database was never compared/,
    ],
    [
      "the comparison is old",
      1,
      { ...WELL, last_drift_check: ran(9) },
      /not compared .* for 9 days/,
    ],
    ["it differed", 1, { ...WELL, last_drift_check: ran(1, "drift") }, /last compared .* differed/],
    [
      "nothing ever ran",
      9 * DAY,
      { last_backfill: null, last_drift_check: null },
      /9 days.*backfill.*never/,
    ],
  ];

for (const [what, minutes, runs, said] of CAVEATS) {
  Deno.test(`ok says so where ${what}`, () => {
    const { word, reason } = judge({ applied: minutes }, {}, {}, runs);
    equal(word, "ok");
    match(reason.replace("Every event is settled.", "").trim(), said);
  });
}
