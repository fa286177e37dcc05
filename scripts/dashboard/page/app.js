import { showCauses } from "./causes.js";
import { byId, enableCopying, setText } from "./dom.js";
import { enableEventView } from "./event_view.js";
import { createEventList } from "./events.js";
import { showDelays, showDrift, showRows } from "./figures.js";
import { createFilter } from "./filter.js";
import { absoluteTime, clock, parseTime, setDatabaseTime, tellTimes } from "./format.js";
import { showHealth, showLast, showStart } from "./health.js";
import { createOutcomes } from "./outcomes.js";

const filter = createFilter(() => list.restart());
const list = createEventList(filter.read);
const showOutcomes = createOutcomes(filter.choose);
let known = null;
let answeredAt = null;

function onSnapshot({ at, project, health, start, data }) {
  setText(byId("project"), project);
  showHealth(health);
  showStart(start);
  const isBlank = data === null && answeredAt === null;
  document.body.classList.toggle("blank", isBlank || Boolean(start));
  byId("data").classList.toggle("old", data === null);
  setText(byId("connection"), data ? "live" : stale());
  if (data === null) return tellTimes();

  const { status, series, rows, causes } = data;
  answeredAt = parseTime(at);
  setDatabaseTime(status.now);
  setText(byId("instance"), status.instance ?? "");
  showLast(status.last);
  showCauses(causes);
  showOutcomes(status, series);
  showDelays(status);
  showRows(rows);
  showDrift(status);
  filter.showTypes(Object.keys(status.events.week));
  tellTimes();

  // What the list shows has changed when any outcome was given since.
  const latest = JSON.stringify([status.last, status.open, causes.map(({ events }) => events)]);
  list.refresh(latest !== known);
  known = latest;
}

function stale() {
  return answeredAt === null
    ? "no data yet"
    : `data of ${clock(answeredAt)}, ${absoluteTime(answeredAt)}`;
}

enableCopying();
enableEventView();
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
