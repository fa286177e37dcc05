import { adviceFor, effectOf } from "./advice.js";
import { byId, element, facts, idNode, setText } from "./dom.js";
import { badge } from "./outcomes.js";
import { count, duration, parseTime, relativeTime } from "./format.js";

/** One event in a dialog of its own: opened by whatever names it in `data-event`, closed by Escape or its button. */
export function enableEventView() {
  const dialog = byId("event");
  let asked = null;

  // Before the link itself is followed: nothing behind an open dialog takes the focus.
  document.addEventListener("click", ({ target }) => {
    const id = target.closest?.("[data-event]")?.dataset.event;
    if (id) open(id);
    else if (target.closest?.("#event a[href^='?id=']")) dialog.close();
  }, { capture: true });

  // The browser gives the focus back, unless what opened the view was made again meanwhile.
  dialog.addEventListener("close", () => {
    const { activeElement: at } = document;
    if (at !== document.body && !dialog.contains(at)) return;
    [...document.querySelectorAll("[data-event]")].find(({ dataset }) => dataset.event === asked)
      ?.focus();
  });

  async function open(id) {
    asked = id;
    setText(byId("event-title"), "Event");
    byId("event-facts").replaceChildren();
    setText(byId("event-note"), "Asking the database.");
    if (!dialog.open) dialog.showModal();
    const event = await find(id);
    if (asked !== id) return;
    setText(byId("event-note"), event ? "" : "It could not be fetched. Close this and try again.");
    if (event) show(event);
  }
}

async function find(id) {
  try {
    const response = await fetch(`/api/events?${new URLSearchParams({ id })}`);
    const events = response.ok ? await response.json() : [];
    return events.find(({ event_id }) => event_id === id) ?? null;
  } catch {
    return null;
  }
}

function show(event) {
  setText(byId("event-title"), event.event_type);
  byId("event-facts").replaceChildren(...facts([...whatItIs(event), ...whatCameOfIt(event)]));
}

function whatItIs({ event_id, object_id, user_external_id, organization_external_id, event_at }) {
  const other = (id) => id && id !== object_id ? idNode(id, { isFilter: true }) : null;
  return [
    ["svix-id", idNode(event_id)],
    ["Clerk id", idNode(object_id, { isFilter: true })],
    ["user", other(user_external_id)],
    ["organization", other(organization_external_id)],
    ["at Clerk", relativeTime(event_at)],
  ];
}

function whatCameOfIt(event) {
  const { outcome, outcome_at, error_code, error, event_at, apply_ms, next_attempt_at } = event;
  const isSettled = outcome === "applied" || outcome === "stale";
  const isOpen = outcome === "failed" || outcome === "rejected";
  const { meaning, remedy } = adviceFor(event);
  const outcomeNode = element("span", {}, [badge(outcome), " ", relativeTime(outcome_at)]);
  const delay = isSettled && event_at ? parseTime(outcome_at) - parseTime(event_at) : null;
  return [
    ["outcome", outcomeNode],
    [outcome === "stale" ? "why stale" : "what it did", effectOf(event) || null],
    ["code", error_code ? element("code", { class: "error" }, [error_code]) : null],
    [isOpen ? "what refuses it" : "in the way", error ?? null],
    ["what it means", isOpen ? meaning : null],
    ["what to do", isOpen ? remedy : null],
    ["deliveries", count(event.attempts)],
    ["first", relativeTime(event.first_received_at)],
    ["last", relativeTime(event.last_received_at)],
    ["next, by Svix", isOpen ? nextNode(next_attempt_at) : null],
    ["Clerk to here", delay === null ? null : duration(Math.max(delay, 0))],
    ["database call", apply_ms === null ? null : duration(apply_ms)],
  ];
}

function nextNode(time) {
  if (!time) return "none, by its schedule";
  return element("span", {}, [relativeTime(time, "future"), " (estimate)"]);
}
