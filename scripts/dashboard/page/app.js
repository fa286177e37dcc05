import { createChart } from "./chart.js";
import { byId, enableCopying, setText } from "./dom.js";
import { createEventList, createFilter } from "./events.js";
import { showDelays, showDrift, showHealth, showLast, showOutcomes, showRows } from "./figures.js";
import { absoluteTime, clock, parseTime, setDatabaseTime, tellTimes } from "./format.js";
import { showOpen } from "./open.js";

const chart = createChart();
const filter = createFilter(() => list.restart());
const list = createEventList(filter.read);
let known = null;
let answeredAt = null;

function onSnapshot({ at, project, health, data }) {
  setText(byId("project"), project);
  document.title = `${health.word.replace("_", " ")} · Clerk sync`;
  showHealth(health);
  document.body.classList.toggle("blank", data === null && answeredAt === null);
  byId("data").classList.toggle("old", data === null);
  setText(byId("connection"), data ? "live" : stale());
  if (data === null) return tellTimes();

  const { status, series, rows, open } = data;
  answeredAt = parseTime(at);
  setDatabaseTime(status.now);
  setText(byId("instance"), status.instance ?? "");
  showLast(status.last);
  showOutcomes(status.events);
  showDelays(status);
  showRows(rows);
  showDrift(status);
  showOpen(open, status.open);
  filter.showTypes(Object.keys(status.events.week));
  chart.show(series, parseTime(status.now));
  tellTimes();

  // What the list shows has changed when any outcome was given since.
  const latest = JSON.stringify([status.last, open]);
  list.refresh(latest !== known);
  known = latest;
}

function stale() {
  return answeredAt === null
    ? "no data yet"
    : `data of ${clock(answeredAt)}, ${absoluteTime(answeredAt)}`;
}

enableCopying();
watchLive({
  onSnapshot,
  onLost: () =>
    setText(
      byId("connection"),
      "connection lost: is npm run dashboard still running? Trying again …",
    ),
});

const AGAIN_MS = 2_000;

/** Snapshots as they come, for as long as the page is open; the connection is made anew whenever it is lost. */
function watchLive({ onSnapshot, onLost }) {
  const source = new EventSource("/api/live");
  source.addEventListener("message", ({ data }) => onSnapshot(JSON.parse(data)));
  source.addEventListener("error", () => {
    onLost();
    // A browser goes on by itself after a lost connection, but not after an answer that was no stream.
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => watchLive({ onSnapshot, onLost }), AGAIN_MS);
  });
}
