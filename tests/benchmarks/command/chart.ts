import type { TopLevelSpec } from "vega-lite";
import type { Measure, Target } from "../part.ts";
import { formatAmount } from "./amount.ts";
import type { KeptPart } from "./results.ts";
import { formatLimit, isReached } from "./target.ts";
import { wrap } from "./wrap.ts";

/** Of the bars, in the order in which names appear: apart for the colour-blind too (Okabe and Ito). */
const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999"];

const BAR_WIDTH = 560;
const BAR_STEP = 17;

/** Characters of a line, so that no line is what makes the chart wide. */
const TITLE_LENGTH = 76;
const TARGET_LENGTH = 96;

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>["vconcat"][number];

/** The measures of a part as bars, beneath each other: a panel for each group of each unit, one scale for all of a unit. */
export function chartOf({ title, measures, targets }: KeptPart): TopLevelSpec {
  const names = unique(measures.map(({ name }) => name));
  const units = unique(measures.map(({ unit }) => unit));
  const subtitle = targets.flatMap((target) => wrap(describe(target), TARGET_LENGTH));
  return {
    background: "white",
    padding: 16,
    title: {
      text: wrap(title, TITLE_LENGTH),
      anchor: "start",
      frame: "bounds",
      fontSize: 14,
      offset: 14,
      subtitleFontSize: 11,
      ...(subtitle.length > 0 ? { subtitle } : {}),
    },
    config: { font: "sans-serif", view: { stroke: null } },
    spacing: 12,
    vconcat: units.flatMap((unit) => panelsOf(unit, measures, names)),
  };
}

function describe(target: Target): string {
  const { name, value, unit } = target;
  const missed = isReached(target) ? "" : ", missed";
  return `${name}: ${formatAmount(value, unit)}, must be ${formatLimit(target)}${missed}`;
}

function panelsOf(unit: string, measures: Measure[], names: string[]): Panel[] {
  const same = measures.filter((measure) => measure.unit === unit);
  const most = Math.max(...same.map(({ value }) => value));
  return unique(same.map(({ group }) => group)).map((group) => ({
    title: { text: group, anchor: "start", frame: "group", fontSize: 12, offset: 4 },
    width: BAR_WIDTH,
    height: { step: BAR_STEP },
    data: {
      values: same.filter((measure) => measure.group === group)
        .map(({ name, value }) => ({ name, value, label: formatAmount(value, unit) })),
    },
    encoding: {
      y: {
        field: "name",
        type: "nominal",
        sort: null,
        title: null,
        axis: { ticks: false, domain: false, labelFontSize: 11, labelPadding: 6, labelLimit: 240 },
      },
      x: { field: "value", type: "quantitative", axis: null, scale: { domain: [0, most] } },
    },
    layer: [
      {
        mark: { type: "bar" },
        encoding: {
          color: {
            field: "name",
            type: "nominal",
            scale: { domain: names, range: COLOURS },
            legend: null,
          },
        },
      },
      {
        mark: { type: "text", align: "left", dx: 5, fontSize: 11 },
        encoding: { text: { field: "label", type: "nominal" } },
      },
    ],
  }));
}

function unique(values: string[]): string[] {
  return [...new Set(values)];
}
