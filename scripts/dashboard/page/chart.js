import { byId, setText } from "./dom.js";
import { OUTCOMES } from "./figures.js";
import { clock, count, parseTime } from "./format.js";

const { uPlot } = globalThis;

const MINUTES = 60;
const HEIGHT = 180;

/**
 * The chart of events a minute: bars, one outcome upon the other. uPlot draws; what is handed over are sums from the
 * ground up, the highest first, so that each bar leaves of the one behind it what is its own.
 */
export function createChart() {
  const place = byId("chart");
  let minutes = emptyMinutes(Date.now());
  let plot = null;

  function make() {
    plot?.destroy();
    plot = new uPlot(options(place, () => minutes), sums(minutes), place);
    place.style.color = "";
  }

  make();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", make);
  new ResizeObserver(() => {
    if (place.clientWidth !== plot.width) {
      plot.setSize({ width: place.clientWidth, height: HEIGHT });
    }
  }).observe(place);

  return {
    show(series, now) {
      minutes = fill(emptyMinutes(now), series);
      plot.setData(sums(minutes));
      setText(byId("chart-summary"), summary(minutes));
    },
  };
}

function emptyMinutes(now) {
  const last = Math.floor(now / 60_000);
  const at = Array.from({ length: MINUTES }, (_, i) => (last - MINUTES + 1 + i) * 60);
  return { at, ...Object.fromEntries(OUTCOMES.map((outcome) => [outcome, at.map(() => 0)])) };
}

function fill(minutes, series) {
  for (const { minute_at, outcome, events } of series) {
    const index = (parseTime(minute_at) / 1_000 - minutes.at[0]) / 60;
    if (minutes[outcome]?.[index] !== undefined) minutes[outcome][index] = Number(events);
  }
  return minutes;
}

/** Failures lie at the ground, where a single one shows. */
const FROM_GROUND = [...OUTCOMES].reverse();
const FROM_TOP = OUTCOMES;

function sums(minutes) {
  const above = minutes.at.map(() => 0);
  const summed = {};
  for (const outcome of FROM_GROUND) {
    minutes[outcome].forEach((events, i) => above[i] += events);
    summed[outcome] = [...above];
  }
  return [minutes.at, ...FROM_TOP.map((outcome) => summed[outcome])];
}

function options(place, current) {
  const color = (name) => {
    // Resolved for light or dark: a canvas knows no variables.
    place.style.color = `var(--${name})`;
    return getComputedStyle(place).color;
  };
  const axis = {
    stroke: color("muted"),
    font: "12px system-ui, sans-serif",
    grid: { stroke: color("line"), width: 1 },
    ticks: { stroke: color("line"), width: 1 },
  };
  return {
    width: place.clientWidth,
    height: HEIGHT,
    legend: { live: true },
    cursor: { drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { range: (_, min, max) => [min - 30, max + 30] },
      y: { range: (_, _min, max) => [0, Math.max(4, max * 1.05)] },
    },
    axes: [
      { ...axis, values: (_, seconds) => seconds.map((at) => clock(at * 1_000)) },
      { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5] },
    ],
    series: [
      { label: "minute", value: (_, at) => at === null ? "–" : clock(at * 1_000) },
      ...FROM_TOP.map((outcome) => ({
        label: outcome,
        fill: color(outcome),
        stroke: color(outcome),
        width: 0,
        points: { show: false },
        paths: uPlot.paths.bars({ size: [0.8, 40] }),
        value: (_, _sum, _series, i) => i === null ? "–" : count(current()[outcome][i]),
      })),
    ],
  };
}

/** The chart in words. */
function summary(minutes) {
  const totals = OUTCOMES.map((outcome) => [outcome, minutes[outcome].reduce((a, b) => a + b, 0)]);
  const total = totals.reduce((sum, [, events]) => sum + events, 0);
  if (total === 0) return "No event in the last hour.";
  const perMinute = minutes.at.map((_, i) =>
    OUTCOMES.reduce((sum, outcome) => sum + minutes[outcome][i], 0)
  );
  const most = Math.max(...perMinute);
  const busiest = clock(minutes.at[perMinute.indexOf(most)] * 1_000);
  const parts = totals.filter(([, events]) => events > 0)
    .map(([outcome, events]) => `${count(events)} ${outcome}`);
  return `In the last hour ${parts.join(", ")}; the busiest minute was ${busiest} with ${
    count(most)
  }.`;
}
