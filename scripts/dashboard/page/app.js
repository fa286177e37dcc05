import { createChart } from "./chart.js";
import { byId, setText } from "./dom.js";
import { showDrift } from "./drift.js";
import { createEventList } from "./events.js";
import { showDelays, showHealth, showLast, showOutcomes, showRows } from "./figures.js";
import { createFilter } from "./filter.js";
import { absoluteTime, clock, parseTime } from "./format.js";
import { enableCopying } from "./ids.js";
import { watchLive } from "./live.js";
import { showOpen } from "./open.js";
import { setDatabaseTime, tellTimes } from "./times.js";

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
