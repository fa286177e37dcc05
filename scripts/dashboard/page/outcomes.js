import { byId, element, renderInto } from "./dom.js";
import { count, parseTime } from "./format.js";
import { bars, sparkButton } from "./sparkline.js";

/** The outcomes of events, in the order in which they are shown. */
export const OUTCOMES = ["applied", "stale", "ignored", "rejected", "failed", "closed"];

/** What each means, for a title. */
export const MEANINGS = {
  applied: "written to the tables",
  stale: "a newer state was already there",
  ignored: "a type or an instance that the sync does not follow",
  rejected: "not what Clerk sends, or not storable",
  failed: "the database could not apply it yet",
  closed: "given up by hand",
};

/** The spans that can be chosen, as `sync_event_series` is asked for them. */
const SPANS = {
  hour: { bars: 60, minutes: 1 },
  day: { bars: 96, minutes: 15 },
  week: { bars: 84, minutes: 120 },
};

/** An outcome as a word behind its colour. */
export function badge(outcome) {
  return coloured(element("span", { class: `badge ${outcome}` }, [outcome]), outcome);
}

/** Gives an element the colour of an outcome. */
export function coloured(node, outcome) {
  node.style.setProperty("--outcome", `var(--${outcome})`);
  return node;
}

/** The table of outcomes: of each a sparkline and a count over the span that is chosen; `onChoose` gets a filter. */
export function createOutcomes(onChoose) {
  const form = byId("spans");
  let shown = null;

  form.addEventListener("change", () => {
    form.dataset.chosen = "by hand";
    show();
  });

  function show() {
    const span = form.elements.span.value;
    const { status, series } = shown;
    const sums = sumsOf(status.events[span]);
    const week = sumsOf(status.events.week);
    const rows = OUTCOMES.filter((outcome) => outcome === "applied" || week[outcome] > 0)
      .map((outcome) => ({ outcome, events: sums[outcome], bars: barsOf(outcome, span) }));
    renderInto(byId("outcomes"), [span, rows], () => rows.map((row) => rowOf(row, span, onChoose)));

    function barsOf(outcome, span) {
      const own = series[span].filter((entry) => entry.outcome === outcome);
      return bars(own, { ...SPANS[span], now: parseTime(status.now) });
    }
  }

  return (status, series) => {
    shown = { status, series };
    // Nobody has said what to look at: not at an hour in which nothing was.
    if (form.dataset.chosen !== "by hand") {
      const isQuiet = Object.keys(status.events.hour).length === 0;
      form.elements.span.value = isQuiet && Object.keys(status.events.day).length > 0
        ? "day"
        : "hour";
    }
    show();
  };
}

/** Sums counts by type and outcome over the types. */
function sumsOf(counts) {
  const sums = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0]));
  for (const outcomes of Object.values(counts)) {
    for (const [outcome, events] of Object.entries(outcomes)) sums[outcome] += events;
  }
  return sums;
}

function rowOf({ outcome, events, bars }, span, onChoose) {
  const name = element("a", { href: `?outcome=${outcome}#newest`, title: MEANINGS[outcome] }, [
    badge(outcome),
  ]);
  const spark = sparkButton({
    label: `${outcome} events, last ${span}`,
    unit: outcome,
    bars,
    span,
    onChoose: (times) => onChoose({ outcome, ...times }),
  });
  return coloured(
    element("tr", {}, [
      element("th", { scope: "row" }, [name]),
      element("td", { class: "spark-cell" }, [spark]),
      element("td", { class: "number" }, [count(events)]),
    ]),
    outcome,
  );
}
