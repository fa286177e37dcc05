import { byId, element, facts, renderInto, setText } from "./dom.js";
import { count, duration, relativeTime } from "./format.js";

/** One delay above all others: the median from Clerk to the commit, of today or, when that is empty, of the week. */
export function showDelays({ delay_ms, apply_ms }) {
  const [span, name] = delay_ms.day.events > 0 ? ["day", "today"] : ["week", "this week"];
  setText(byId("delay"), delay_ms[span].events > 0 ? duration(delay_ms[span].p50) : "–");
  setText(
    byId("delay-what"),
    delay_ms[span].events > 0 ? `median, ${name}` : "nothing was measured this week",
  );
  const rows = [["Clerk to here", delay_ms], ["database call", apply_ms]].flatMap(([what, of]) =>
    ["hour", "day", "week"].map((span) => [`${what}, ${span}`, of[span]])
  );
  renderInto(byId("delays"), rows, () =>
    rows.map(([what, { p50, p95, p99 }]) =>
      element("tr", {}, [
        element("th", { scope: "row" }, [what]),
        ...[p50, p95, p99].map((ms) => element("td", {}, [duration(ms)])),
      ])
    ));
}

/** What a table is called; one that is not here is called by its own name. */
const NAMES = {
  organization_members: "members",
  user_sessions: "sign-ins",
  organization_invitations: "invitations",
};

/** In this order; what is not here comes last. */
const ORDER = ["users", "organizations", "organization_members"];

/** How many rows there are, and how many that were deleted. */
export function showRows(rows) {
  const place = (table) => ORDER.includes(table) ? ORDER.indexOf(table) : ORDER.length;
  const tables = Object.entries(rows).sort(([one], [other]) => place(one) - place(other));
  renderInto(
    byId("rows"),
    rows,
    () =>
      tables.map(([table, { rows, deleted, is_estimate }]) =>
        element("tr", {}, [
          element("th", { scope: "row" }, [NAMES[table] ?? table.replaceAll("_", " ")]),
          element("td", {}, [`${is_estimate ? "about " : ""}${count(rows)}`]),
          element("td", {}, [deleted === null ? "" : count(deleted)]),
        ])
      ),
  );
}

/** What one of each kind is called, in the order in which they are told: the database keeps none. */
const KINDS = {
  users: "user",
  organizations: "organization",
  memberships: "membership",
  subscriptions: "subscription",
  invitations: "invitation",
};

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
