import { byId, element, idNode, renderInto, setText } from "./dom.js";
import { count, relativeTime } from "./format.js";
import { badge, MEANINGS } from "./outcomes.js";

const PAGE_SIZE = 50;

/**
 * The list of events. It is fetched when the filter changes or `refresh` is told that there is something new; an answer
 * that comes after a later question is dropped.
 */
export function createEventList(readFilter) {
  let asking = new AbortController();
  let older = [];
  let newest = [];
  /** The last question got no answer. */
  let isBehind = false;

  async function load() {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    try {
      newest = await fetchEvents(readFilter(), null, signal);
      isBehind = false;
      show();
    } catch {
      if (signal.aborted) return;
      isBehind = true;
      setText(byId("list-note"), NOT_FETCHED);
    }
  }

  async function loadOlder() {
    const shown = [...newest, ...older];
    const { signal } = asking;
    try {
      const more = await fetchEvents(readFilter(), shown.at(-1)?.outcome_at, signal);
      older = [...older, ...more];
      show(more.length === PAGE_SIZE);
    } catch {
      if (!signal.aborted) setText(byId("list-note"), NOT_FETCHED);
    }
  }

  function show(hasMore = newest.length === PAGE_SIZE) {
    const seen = new Set(newest.map(({ event_id }) => event_id));
    older = older.filter(({ event_id }) => !seen.has(event_id));
    const events = [...newest, ...older];
    renderInto(byId("events"), events, () => events.map(row));
    byId("older").hidden = !hasMore;
    setText(byId("list-note"), events.length > 0 ? "" : nothing());
  }

  function nothing() {
    return Object.keys(readFilter()).length > 0 ? "No event matches." : "No event yet.";
  }

  byId("older").addEventListener("click", loadOlder);

  return {
    /** Another filter: begins with the newest. */
    restart() {
      older = [];
      return load();
    },
    /** The database answers, with news or without. Who has gone back to older events is not moved. */
    refresh(hasNews) {
      if (isBehind || (hasNews && older.length === 0)) return load();
    },
  };
}

async function fetchEvents(filter, before, signal) {
  const query = new URLSearchParams(filter);
  if (before) query.set("before", before);
  const response = await fetch(`/api/events?${query}`, { signal });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return await response.json();
}

const NOT_FETCHED = "The list could not be fetched; it is tried again.";

/** The roles are a table's own: they stay when a narrow page lays the cells out below each other. */
function row(event) {
  const { event_id, object_id, outcome, outcome_at, attempts, error_code } = event;
  const cell = (name, children) => element("td", { role: "cell", class: name }, children);
  return element("tr", { role: "row" }, [
    cell("when", [relativeTime(outcome_at)]),
    cell("outcome", [
      element("span", { title: MEANINGS[outcome] ?? "" }, [badge(outcome)]),
      " ",
      error_code ? element("code", { class: "error" }, [error_code]) : null,
    ]),
    cell("type", [opener(event)]),
    cell("object", [idNode(object_id, { isFilter: true })]),
    cell("event", [idNode(event_id)]),
    cell("number", [count(attempts)]),
  ]);
}

/** What opens the event's own view. */
function opener({ event_id, event_type }) {
  const button = element("button", { type: "button", class: "link" }, [event_type]);
  button.dataset.event = event_id;
  return button;
}
