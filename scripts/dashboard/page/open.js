import { adviceFor, meaningOf, REPLAY } from "./advice.js";
import { byId, element, facts, idNode, renderInto } from "./dom.js";
import { coloured } from "./figures.js";
import { count, relativeTime } from "./format.js";

/** The failed and the rejected events, each with its error, and what to do about them. */
export function showOpen(events, { failed, rejected }) {
  renderInto(byId("open"), [events, failed, rejected], () => {
    if (events.length === 0) return [element("p", { class: "muted" }, ["None. Nothing to do."])];
    const groups = [["failed", failed], ["rejected", rejected]].flatMap(([outcome, total]) => {
      const those = events.filter((event) => event.outcome === outcome);
      return those.length > 0 ? [group(outcome, those, total)] : [];
    });
    return [...groups, replay()];
  });
}

function group(outcome, events, total) {
  const { title, text } = adviceFor(outcome);
  const more = total > events.length ? ` (the newest ${events.length} of ${count(total)})` : "";
  const node = element("div", { class: "group" }, [
    element("h3", {}, [title + more]),
    element("p", { class: "muted" }, [text]),
    element("ul", { class: "items" }, events.map(item)),
  ]);
  return coloured(node, outcome);
}

function item(event) {
  const { event_type, event_id, object_id, error_code, error, attempts } = event;
  return element("li", {}, [
    element("p", {}, [
      element("strong", {}, [event_type]),
      " ",
      element("code", { class: "error" }, [error_code ?? "no code"]),
      error ? ` ${error}` : null,
    ]),
    element("p", { class: "muted" }, [meaningOf(event)]),
    element(
      "dl",
      { class: "facts" },
      facts([
        ["svix-id", idNode(event_id)],
        ["Clerk id", idNode(object_id, { isFilter: true })],
        ["attempts", count(attempts)],
        ["first", relativeTime(event.first_received_at)],
        ["last", relativeTime(event.last_received_at)],
      ]),
    ),
  ]);
}

function replay() {
  return element("div", { class: "replay" }, [
    element("h3", {}, ["To replay an event"]),
    element(
      "ul",
      {},
      REPLAY.map(({ text, code }) =>
        element("li", {}, [text, code ? element("code", {}, [code]) : null])
      ),
    ),
  ]);
}
