import { byId, copyButton, element, facts, renderInto, setText } from "./dom.js";
import { relativeTime } from "./format.js";

/** What the page's icon and its left edge say. */
const TONES = {
  ok: "good",
  rejected: "warning",
  silent: "warning",
  refused: "bad",
  failing: "bad",
  unreachable: "bad",
};

/** The verdict, in the page, its title and its icon. */
export function showHealth({ word, reason, remedy }) {
  const said = word.replace("_", " ");
  const tone = TONES[word] ?? "none";
  byId("health").dataset.tone = tone;
  setText(byId("word"), said);
  setText(byId("reason"), reason);
  setText(byId("remedy"), remedy ?? "");
  document.title = `${said} · Clerk sync`;
  const icon = tone === "none" ? "/icon.svg" : `/icon-${tone}.svg`;
  if (byId("icon").getAttribute("href") !== icon) byId("icon").setAttribute("href", icon);
}

const LAST = ["applied", "stale", "ignored", "rejected", "failed"];

/** When an event last got each outcome that any has. */
export function showLast(last) {
  renderInto(byId("last"), last, () =>
    facts(LAST.map((outcome) => [
      `last ${outcome}`,
      last[outcome] ? relativeTime(last[outcome]) : null,
    ])));
}

/** While no event has arrived: what Clerk has to know, and how to try it without Clerk. */
export function showStart(start) {
  byId("start").hidden = !start;
  if (!start) return;
  renderInto(byId("webhook-url"), start.webhookUrl, () => [
    element("code", { class: "mono" }, [start.webhookUrl]),
    copyButton(start.webhookUrl),
  ]);
  renderInto(
    byId("event-types"),
    start.eventTypes,
    () => start.eventTypes.map((type) => element("li", {}, [element("code", {}, [type])])),
  );
}
