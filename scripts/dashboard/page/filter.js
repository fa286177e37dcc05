import { byId, element, renderInto, setText } from "./dom.js";
import { clock, dayAndClock } from "./format.js";

const NAMES = ["type", "outcome", "id", "since", "before"];
const TYPING_PAUSE_MS = 200;
const DAY_MS = 86_400_000;

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
    showTimes(form);
    onChange();
  }

  function set(query) {
    addType(form.elements.type, query.get("type"));
    for (const name of NAMES) form.elements[name].value = query.get(name) ?? "";
  }

  /** Filters by this alone, and goes there. */
  function choose(filter) {
    set(new URLSearchParams(filter));
    changed();
    byId("newest").focus();
  }

  set(new URLSearchParams(location.search));
  showTimes(form);
  form.addEventListener("change", changed);
  form.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(changed, TYPING_PAUSE_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    changed();
  });
  // The fields are empty only after the event, and a hidden one is never reset.
  form.addEventListener("reset", () =>
    setTimeout(() => {
      set(new URLSearchParams());
      changed();
    }));
  document.addEventListener("keydown", (event) => focusOnSlash(event, form.elements.id));
  document.addEventListener("click", (event) => followLink(event, choose));

  return { read, choose, showTypes: (types) => showTypes(form.elements.type, types) };
}

/** The times have no field of their own: they come from a bar, and go with the others. */
function showTimes(form) {
  const [since, before] = ["since", "before"].map((name) => Date.parse(form.elements[name].value));
  const isSet = since < before;
  const tell = before - since < DAY_MS ? clock : dayAndClock;
  setText(byId("times"), isSet ? `${tell(since)}–${tell(before)}` : "");
}

function focusOnSlash(event, field) {
  const isTyping = event.target.closest?.("input, select, textarea, dialog");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  field.focus();
  field.select();
}

/** A link to a part of the list filters in place; opened in another tab it is a page of its own. */
function followLink(event, choose) {
  const link = event.target.closest?.("a[href^='?'][href$='#newest']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  choose(link.search);
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
