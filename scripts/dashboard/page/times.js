import { absoluteTime, ago, parseTime } from "./format.js";
import { element, setText } from "./dom.js";

/** How far the database's clock is ahead of this browser's: times are told by the former. */
let aheadMs = 0;

/** Notes what time it is in the database. */
export function setDatabaseTime(text) {
  aheadMs = parseTime(text) - Date.now();
}

/** A time that is told relatively and goes on being told, with the absolute one as its title; a dash for none. */
export function relativeTime(text) {
  if (!text) return document.createTextNode("–");
  const ms = parseTime(text);
  const node = element("time", { datetime: new Date(ms).toISOString(), title: absoluteTime(ms) });
  tell(node);
  return node;
}

/** Tells all times of the page anew. */
export function tellTimes() {
  for (const node of document.querySelectorAll("time")) tell(node);
}

function tell(node) {
  setText(node, ago(Date.parse(node.dateTime), Date.now() + aheadMs));
}
