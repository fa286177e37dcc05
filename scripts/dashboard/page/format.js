import { element, setText } from "./dom.js";

/** Numbers and times as people read them. A number and its unit are never parted: the space between them does not break. */

const whole = new Intl.NumberFormat("en");
const absolute = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });
const minute = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
});

/** 12,345 */
export function count(number) {
  return whole.format(number);
}

/** 1 event, 71 events */
export function events(number) {
  return `${count(number)}\u00a0${number === 1 ? "event" : "events"}`;
}

/** 0.4 ms, 38 ms, 1.2 s, 14 min, 3 h; a dash where nothing was measured. */
export function duration(ms) {
  if (ms === null || ms === undefined) return "–";
  for (const [unit, size, limit] of UNITS) {
    if (ms >= limit) continue;
    const value = ms / size;
    return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)}\u00a0${unit}`;
  }
  return "–";
}

const UNITS = [
  ["ms", 1, 1_000],
  ["s", 1_000, 90_000],
  ["min", 60_000, 5_400_000],
  ["h", 3_600_000, 172_800_000],
  ["d", 86_400_000, Infinity],
];

/** A time of PostgreSQL's, in JSON or in its own form, in milliseconds. */
export function parseTime(text) {
  return Date.parse(text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00"));
}

/** 24 Nov 2026, 12:00:00 UTC */
export function absoluteTime(ms) {
  return absolute.format(ms);
}

/** 12:00 */
export function clock(ms) {
  return minute.format(ms);
}

/** Tue 12:00 */
export function dayAndClock(ms) {
  return weekday.format(ms);
}

/** now, 12 s ago, 5 min ago, 3 h ago, 2 d ago */
export function ago(ms, now) {
  return now - ms < 1_000 ? "now" : `${wholeUnits(now - ms)}\u00a0ago`;
}

/** any moment, in 12 s, in 5 min, in 3 h */
export function ahead(ms, now) {
  return ms - now < 1_000 ? "any moment" : `in\u00a0${wholeUnits(ms - now)}`;
}

function wholeUnits(ms) {
  const [unit, size] = UNITS.find(([, , limit]) => ms < limit);
  return `${Math.floor(ms / size)}\u00a0${unit}`;
}

/** How far the database's clock is ahead of this browser's: times are told by the former. */
let aheadMs = 0;

/** Notes what time it is in the database. */
export function setDatabaseTime(text) {
  aheadMs = parseTime(text) - Date.now();
}

/** A time that is told relatively and goes on being told, with the absolute one as its title; a dash for none. */
export function relativeTime(text, tense = "past") {
  if (!text) return document.createTextNode("–");
  const ms = parseTime(text);
  const node = element("time", { datetime: new Date(ms).toISOString(), title: absoluteTime(ms) });
  node.dataset.tense = tense;
  tell(node);
  return node;
}

/** Tells all times of the page anew. */
export function tellTimes() {
  for (const node of document.querySelectorAll("time")) tell(node);
}

function tell(node) {
  const say = node.dataset.tense === "future" ? ahead : ago;
  setText(node, say(Date.parse(node.dateTime), Date.now() + aheadMs));
}
