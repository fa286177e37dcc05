import { byId, element, facts, renderInto } from "./dom.js";
import { count } from "./format.js";
import { relativeTime } from "./times.js";

const KINDS = { users: "user", organizations: "organization", memberships: "membership" };

const OUTCOMES = {
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
  const word = OUTCOMES[state?.outcome] ?? (finished_at ? "finished" : "not finished");
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
