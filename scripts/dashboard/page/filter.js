import { byId, element, renderInto } from "./dom.js";

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
