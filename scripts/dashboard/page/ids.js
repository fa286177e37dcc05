import { element, setText } from "./dom.js";

const COPIED_MS = 1_200;

/** An id in full, and a button that copies it. A Clerk id is a link to the events about it. */
export function idNode(id, { isFilter = false } = {}) {
  if (!id) return document.createTextNode("–");
  const text = isFilter
    ? element("a", { href: `?id=${encodeURIComponent(id)}#newest`, title: `Events about ${id}` }, [
      id,
    ])
    : element("span", { title: id }, [id]);
  const button = element("button", { type: "button", class: "copy", "aria-label": `Copy ${id}` }, [
    "copy",
  ]);
  button.dataset.copy = id;
  return element("span", { class: "id mono" }, [text, button]);
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
