import { byId, element, facts, renderInto, setText } from "./dom.js";
import { count, duration } from "./format.js";
import { byOutcome, MEANINGS, OUTCOMES } from "./outcomes.js";
import { relativeTime } from "./times.js";

const SPANS = ["hour", "day", "week"];

/** The verdict, and when something last happened. */
export function showHealth({ word, reason, remedy }) {
  byId("health").dataset.word = word;
  setText(byId("word"), word.replace("_", " "));
  setText(byId("reason"), reason);
  setText(byId("remedy"), remedy ?? "");
}

/** When an event last got each outcome that any has. */
export function showLast(last) {
  renderInto(byId("last"), last, () =>
    facts(
      OUTCOMES.filter((outcome) => last[outcome])
        .map((outcome) => [`last ${outcome}`, relativeTime(last[outcome])]),
    ));
}

/** Events by outcome over the hour, the day and the week. */
export function showOutcomes(events) {
  const sums = SPANS.map((span) => byOutcome(events[span]));
  renderInto(byId("outcomes"), sums, () =>
    OUTCOMES.map((outcome) =>
      element("tr", {}, [
        element("th", { scope: "row", title: MEANINGS[outcome] }, [badge(outcome)]),
        ...sums.map((sum) => element("td", {}, [count(sum[outcome])])),
      ])
    ));
}

/** An outcome as a coloured word. */
export function badge(outcome) {
  return element("span", { class: `badge ${outcome}` }, [outcome]);
}

/** From Clerk to the commit, and the call alone. */
export function showDelays({ delay_ms, apply_ms }) {
  const rows = [
    ["Clerk to here, hour", delay_ms.hour],
    ["Clerk to here, day", delay_ms.day],
    ["database call, hour", apply_ms.hour],
    ["database call, day", apply_ms.day],
  ];
  renderInto(byId("delays"), rows, () =>
    rows.map(([name, { p50, p95, p99 }]) =>
      element("tr", {}, [
        element("th", { scope: "row" }, [name]),
        ...[p50, p95, p99].map((ms) => element("td", {}, [duration(ms)])),
      ])
    ));
}

const TABLES = [
  ["users", "users"],
  ["organizations", "organizations"],
  ["organization_members", "members"],
  ["user_sessions", "sign-ins"],
];

/** How many rows there are. */
export function showRows(rows) {
  renderInto(byId("rows"), rows, () =>
    facts(TABLES.map(([table, name]) => [
      name,
      `${rows[table]?.is_estimate ? "about " : ""}${count(rows[table]?.rows ?? 0)}`,
    ])));
}
