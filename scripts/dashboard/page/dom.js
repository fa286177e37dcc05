/** Making and changing elements. Text is always set as text: nothing that came from the database is ever markup. */

/**
 * An element with attributes and children; a child that is a string becomes text, null is left out.
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {(Node | string | null)[]} children
 */
export function element(name, attributes = {}, children = []) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** The element with an id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Sets a text where it differs: what is the same is not announced and not painted again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Replaces the children of a node when what they are made from has changed; tells whether it had. What had the focus is
 * made again with the rest, and has it again.
 */
export function renderInto(node, source, make) {
  const key = JSON.stringify(source);
  if (rendered.get(node) === key) return false;
  rendered.set(node, key);
  const focused = node.contains(document.activeElement) ? nameOf(document.activeElement) : null;
  node.replaceChildren(...make());
  if (focused !== null) {
    [...node.querySelectorAll("a, button")].find((control) => nameOf(control) === focused)
      ?.focus({ preventScroll: true });
  }
  return true;
}

/** What tells a control from the others, also when it was made again. */
function nameOf(control) {
  const { dataset, ariaLabel } = control;
  return dataset.event ?? ariaLabel ?? control.getAttribute("href");
}

const rendered = new WeakMap();

/** Rows of a list of facts; one whose value is null is left out. */
export function facts(pairs) {
  return pairs.filter(([, value]) => value !== null).flatMap(([name, value]) => [
    element("dt", {}, [name]),
    element("dd", {}, [value]),
  ]);
}

/** Text in the middle of which commands stand, each in a `code` element. */
export function withCode({ text, code }) {
  return [text, code ? element("code", {}, [code]) : null];
}

const COPIED_MS = 1_200;

/** A button that copies a text. */
export function copyButton(text) {
  const button = element(
    "button",
    { type: "button", class: "copy", "aria-label": `Copy ${text}` },
    [
      "copy",
    ],
  );
  button.dataset.copy = text;
  return button;
}

/** An id in full, and a button that copies it. A Clerk id is a link to the events about it. */
export function idNode(id, { isFilter = false } = {}) {
  if (!id) return document.createTextNode("–");
  const href = `?id=${encodeURIComponent(id)}#newest`;
  const text = isFilter
    ? element("a", { href, title: `Events about ${id}` }, [id])
    : element("span", { title: id }, [id]);
  return element("span", { class: "id mono" }, [text, copyButton(id)]);
}

/** Makes every copy button of the page work. */
export function enableCopying() {
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest?.("button[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    setText(button, "copied");
    setTimeout(() => setText(button, "copy"), COPIED_MS);
  });
}
