import { element, setText } from "./dom.js";
import { clock, count, dayAndClock, parseTime } from "./format.js";

const MINUTE_MS = 60_000;
/** Of the drawing; the page stretches it. */
const HEIGHT = 24;
/** One event among thousands is seen. */
const LEAST = 3;

/** A number of events for each bar up to now, the oldest first: [{at, until, events}, …]. */
export function bars(series, { bars: number, minutes, now }) {
  const size = minutes * MINUTE_MS;
  const last = Math.floor(now / size) * size;
  const made = Array.from({ length: number }, (_, i) => {
    const at = last - (number - 1 - i) * size;
    return { at, until: at + size, events: 0 };
  });
  for (const { minute_at, events } of series) {
    const bar = made[number - 1 - (last - parseTime(minute_at)) / size];
    if (bar) bar.events = Number(events);
  }
  return made;
}

/**
 * Bars as a button: the pointer, or the arrow keys, go from bar to bar, whose number a tooltip tells; a click or Enter hands
 * its times to `onChoose`, `{since, before}`. Each scales to its own highest bar.
 */
export function sparkButton({ label, unit, bars, span, onChoose }) {
  const tip = element("span", { class: "tip", role: "status" });
  const button = element("button", { type: "button", class: "spark", "aria-label": label }, [
    draw(bars),
  ]);
  const place = element("div", { class: "spark-place" }, [button, tip]);
  let marked = null;

  function mark(index) {
    marked = index;
    place.classList.toggle("marked", index !== null);
    if (index === null) return setText(tip, "");
    const { at, until, events } = bars[index];
    const tell = span === "hour" ? clock : dayAndClock;
    setText(tip, `${tell(at)}–${clock(until)}: ${count(events)} ${unit}`);
    place.style.setProperty("--at", `${((index + 0.5) / bars.length) * 100}%`);
  }

  button.addEventListener("pointermove", ({ clientX }) => {
    const { left, width } = button.getBoundingClientRect();
    const index = Math.floor(((clientX - left) / width) * bars.length);
    mark(Math.min(Math.max(index, 0), bars.length - 1));
  });
  for (const end of ["pointerleave", "blur"]) button.addEventListener(end, () => mark(null));
  button.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    mark(next(bars, marked ?? (step > 0 ? -1 : bars.length), step) ?? marked);
  });
  button.addEventListener("click", () => {
    const bar = marked === null ? { at: bars[0].at, until: bars.at(-1).until } : bars[marked];
    onChoose({
      since: new Date(bar.at).toISOString(),
      before: new Date(bar.until).toISOString(),
    });
  });
  return place;
}

/** The next bar that has any event; null: there is none. */
function next(bars, from, step) {
  for (let index = from + step; bars[index]; index += step) {
    if (bars[index].events > 0) return index;
  }
  return null;
}

const SVG = "http://www.w3.org/2000/svg";

function draw(bars) {
  const most = Math.max(1, ...bars.map(({ events }) => events));
  const path = bars.map(({ events }, i) => {
    if (events === 0) return "";
    const height = Math.max(LEAST, (events / most) * HEIGHT);
    return `M${i + 0.1} ${HEIGHT}v${-height}h0.8v${height}z`;
  }).join("");
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${bars.length} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "path"));
  svg.firstChild.setAttribute("d", path);
  return svg;
}
