import { byId, element, facts, renderInto, setText } from "./dom.js";
import { count, duration, relativeTime } from "./format.js";

/** The outcomes of events, in the order in which they are shown. */
export const OUTCOMES = ["applied", "stale", "ignored", "rejected", "failed", "closed"];

/** What each means, for a title. */
export const MEANINGS = {
  applied: "written to the tables",
  stale: "a newer state was already there",
  ignored: "a type or an instance that the sync does not follow",
  rejected: "not what Clerk sends, or not storable",
  failed: "the database could not apply it yet",
  closed: "given up by hand",
};

/** Sums counts by type and outcome over the types. */
function byOutcome(counts) {
  const sums = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0]));
  for (const outcomes of Object.values(counts)) {
    for (const [outcome, events] of Object.entries(outcomes)) sums[outcome] += events;
  }
  return sums;
}

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

/** An outcome as a word behind its colour. */
export function badge(outcome) {
  return coloured(element("span", { class: `badge ${outcome}` }, [outcome]), outcome);
}

/** Gives an element the colour of an outcome. */
export function coloured(node, outcome) {
  node.style.setProperty("--outcome", `var(--${outcome})`);
  return node;
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

const KINDS = { users: "user", organizations: "organization", memberships: "membership" };

const CHECK_ENDS = {
  in_sync: "in sync",
  repaired: "repaired",
  drift: "drift",
  could_not_tell: "could not tell",
  interrupted: "interrupted",
};

/** What the last drift check and the last backfill found. */
export function showDrift({ last_drift_check: check, last_backfill: backfill }) {
  renderInto(byId("drift"), [check, backfill], () =>
    facts([
      ["drift check", check ? checkNode(check) : never("npm run drift")],
      ["backfill", backfill ? backfillNode(backfill) : never("npm run backfill")],
    ]));
}

function never(command) {
  return element("span", { class: "muted" }, ["never; ", element("code", {}, [command])]);
}

function checkNode({ state, finished_at, updated_at }) {
  const left = tell(state, "left");
  const word = CHECK_ENDS[state?.outcome] ?? (finished_at ? "finished" : "not finished");
  const detail = left ? `: ${left}` : "";
  return element("span", { class: state?.outcome === "drift" ? "warning" : "" }, [
    `${word}${detail}, `,
    relativeTime(finished_at ?? updated_at),
  ]);
}

function backfillNode({ state, finished_at, updated_at }) {
  const read = tell(state, "read");
  const detail = read ? `: ${read}` : "";
  return element("span", {}, [
    `${finished_at ? "complete" : "not finished"}${detail}, `,
    relativeTime(finished_at ?? updated_at),
  ]);
}

/** 12,000 users, 1 organization: a number of each kind that has any. */
function tell(state, name) {
  return Object.entries(KINDS).flatMap(([kind, one]) => {
    const number = state?.[kind]?.[name];
    if (!Number.isInteger(number) || number === 0) return [];
    return [`${count(number)} ${number === 1 ? one : kind}`];
  }).join(", ");
}
