import { adviceFor, causeOf, REPLAY } from "./advice.js";
import { byId, element, facts, renderInto, withCode } from "./dom.js";
import { coloured } from "./outcomes.js";
import { count, events, relativeTime } from "./format.js";

/** What is in the way of the failed and the rejected events, and what to do; nothing at all where none is open. */
export function showCauses(causes) {
  byId("open").hidden = causes.length === 0;
  renderInto(byId("causes"), causes, () => causes.map(causeNode));
  renderInto(byId("replay"), REPLAY, () => REPLAY.map((way) => element("li", {}, withCode(way))));
}

function causeNode(cause) {
  const { outcome, error_code, error, newest_event_id } = cause;
  const { meaning, remedy } = adviceFor(cause);
  const show = element("button", { type: "button" }, ["Open the newest"]);
  show.dataset.event = newest_event_id;
  const node = element("li", { class: "cause" }, [
    element("h3", {}, [
      element("span", { class: "times" }, [`${count(cause.events)}\u00a0×`]),
      ` ${outcome} `,
      element("span", { class: "error mono" }, [causeOf(cause)]),
      error && error_code ? element("code", { class: "muted" }, [` ${error_code}`]) : null,
    ]),
    // A rule's own name is in the heading.
    element("p", {}, [`${meaning} ${remedy}`]),
    element("dl", { class: "facts" }, facts(factsOf(cause))),
    element("p", { class: "actions" }, [
      show,
      element("a", { href: `?outcome=${outcome}#newest` }, ["All in the list"]),
    ]),
  ]);
  return coloured(node, outcome);
}

function factsOf({ event_types, first_received_at, last_received_at, ...cause }) {
  const types = Object.entries(event_types).sort(([, a], [, b]) => b - a)
    .map(([type, events]) => `${type} ${count(events)}`).join(", ");
  return [
    ["since", relativeTime(first_received_at)],
    ["last", relativeTime(last_received_at)],
    ["types", types],
    ["again", againNode(cause)],
  ];
}

/** When Svix delivers the next one, by its schedule, and how many it does not. */
function againNode({ events: all, next_attempt_at, not_again }) {
  if (not_again === all) return "not by itself";
  return element("span", {}, [
    "by Svix, ",
    relativeTime(next_attempt_at, "future"),
    " (estimate)",
    not_again > 0 ? `; ${events(not_again)} not` : null,
  ]);
}
