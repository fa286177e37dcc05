import { byId, element, idNode, renderInto, setText } from "./dom.js";
import { badge, MEANINGS } from "./figures.js";
import { count, relativeTime } from "./format.js";

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
  const { event_id, event_type, object_id, outcome, outcome_at, attempts, error_code } = event;
  const cell = (name, children) => element("td", { role: "cell", class: name }, children);
  return element("tr", { role: "row" }, [
    cell("when", [relativeTime(outcome_at)]),
    cell("outcome", [
      element("span", { title: MEANINGS[outcome] ?? "" }, [badge(outcome)]),
      " ",
      error_code ? element("code", { class: "error" }, [error_code]) : null,
    ]),
    cell("type", [event_type]),
    cell("object", [idNode(object_id, { isFilter: true })]),
    cell("event", [idNode(event_id)]),
    cell("number", [count(attempts)]),
  ]);
}

const NAMES = ["type", "outcome", "id"];
const TYPING_PAUSE_MS = 200;

/** The filter of the list: a form whose state is in the URL, so that it survives a reload and can be passed on. */
export function createFilter(onChange) {
  const form = byId("filter");
  let pause;

  function read() {
    const entries = NAMES.map((name) => [name, form.elements[name].value.trim()]);
    return Object.fromEntries(entries.filter(([, value]) => value !== ""));
  }

  function changed() {
    clearTimeout(pause);
    const query = new URLSearchParams(read()).toString();
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
    onChange();
  }

  function takeFromUrl() {
    const query = new URLSearchParams(location.search);
    addType(form.elements.type, query.get("type"));
    for (const name of NAMES) form.elements[name].value = query.get(name) ?? "";
  }

  takeFromUrl();
  form.addEventListener("change", changed);
  form.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(changed, TYPING_PAUSE_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    changed();
  });
  // The fields are empty only after the event.
  form.addEventListener("reset", () => setTimeout(changed));
  document.addEventListener("keydown", (event) => focusOnSlash(event, form.elements.id));
  document.addEventListener("click", (event) => followIdLink(event, form, changed));

  return { read, showTypes: (types) => showTypes(form.elements.type, types) };
}

function focusOnSlash(event, field) {
  const isTyping = event.target.closest?.("input, select, textarea");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  field.focus();
  field.select();
}

/** A link to the events about an id filters in place; opened in another tab it is a page of its own. */
function followIdLink(event, form, changed) {
  const link = event.target.closest?.("a[href^='?id=']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  for (const name of NAMES) form.elements[name].value = "";
  form.elements.id.value = new URLSearchParams(link.search).get("id");
  changed();
  byId("newest").focus();
}

/** Offers the types that were counted, without losing the one that is chosen. */
function showTypes(select, types) {
  if (document.activeElement === select) return;
  const chosen = select.value;
  const offered = [...new Set([...types, chosen].filter(Boolean))].sort();
  const options = () =>
    ["", ...offered].map((type) => element("option", { value: type }, [type || "any"]));
  if (renderInto(select, offered, options)) select.value = chosen;
}

function addType(select, type) {
  if (type) select.append(element("option", { value: type }, [type]));
}
