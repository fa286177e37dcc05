/** Draws the measures of a part as SVG: bars, or lines over a log axis, in the colours of a light or a dark page. */
import {
  formatAmount,
  formatLimit,
  formatNumber,
  formatSettings,
  isReached,
  type MeasuredPart,
  type Measures,
  type Target,
  unique,
  wrap,
} from "./part.ts";

/** Of names, in the order in which they appear: apart for the colour-blind too (Okabe and Ito), on white and on black. */
const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999"];

const STYLE = `text{font:11px sans-serif;fill:#1f2328}.title{font-size:14px;font-weight:bold}
.group{font-weight:bold}.muted{fill:#59636e}.ground{fill:#fff}.grid{stroke:#d1d9e0}
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.muted{fill:#9198a1}.ground{fill:#0d1117}
.grid{stroke:#3d444d}}`.replaceAll("\n", "");

const WIDTH = 740;
const PADDING = 16;
const LINE = 16;

/** Characters that a line of the widest letters has room for. */
const TITLE_LENGTH = 80;
const TEXT_LENGTH = 105;

const BARS = { from: 262, length: 330, step: 17, height: 13 };

/** Of one panel of lines, two of which are beside each other; right of the plot each line has its name. */
const LINES = { width: 362, from: 46, length: 112, height: 110, labelGap: 13 };

/** What was drawn, and how high it is. */
interface Drawn {
  svg: string;
  height: number;
}

/** A part's chart: a panel for each group, one scale for all of a unit. The same numbers make the same text. */
export function drawChart({ title, settings, measures, targets }: MeasuredPart): string {
  const groups = measures.flatMap(({ groups }) => Object.values(groups));
  const names = unique(groups.flatMap((values) => Object.keys(values)));
  const colourOf = (name: string) => COLOURS[names.indexOf(name) % COLOURS.length]!;
  const panels = measures.flatMap((measured) => {
    const numbers = Object.values(measured.groups).flatMap((values) =>
      Object.values(values).flat()
    );
    const scale = { most: Math.max(...numbers) || 1, colourOf };
    const panels = Object.keys(measured.groups).map((group) => drawPanel(group, measured, scale));
    return measured.along ? besideEachOther(panels) : panels;
  });
  const { svg, height } = beneath([heading(title, settings, targets), ...panels]);
  const size = `width="${WIDTH}" height="${height + 2 * PADDING}"`;
  const root = `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">`;
  return `${root}<title>${escape(title)}</title><style>${STYLE}</style>` +
    `<rect class="ground" ${size}/>${moved(PADDING, PADDING, svg)}</svg>\n`;
}

function heading(title: string, settings: MeasuredPart["settings"], targets: Target[]): Drawn {
  const told = targets.map((target) => {
    const { name, value, unit } = target;
    const demanded = target.limit ? `, must be ${formatLimit(target)}` : "";
    const missed = isReached(target) ? "" : ", missed";
    return `${name}: ${formatAmount(value, unit)}${demanded}${missed}`;
  });
  const lines = [
    ...wrap(title, TITLE_LENGTH).map((line) => ({ line, kind: "title" })),
    ...wrap(formatSettings(settings), TEXT_LENGTH).map((line) => ({ line, kind: "muted" })),
    ...told.flatMap((text) => wrap(text, TEXT_LENGTH)).map((line) => ({ line, kind: "" })),
  ];
  return {
    svg: lines.map(({ line, kind }, index) => text(line, 0, 12 + index * LINE, kind)).join(""),
    height: lines.length * LINE + 6,
  };
}

interface Scale {
  most: number;
  colourOf: (name: string) => string;
}

function drawPanel(group: string, { unit, along, groups }: Measures, scale: Scale): Drawn {
  const values = Object.entries(groups[group]!).map(([name, value]) => ({
    name,
    numbers: [value].flat(),
  }));
  return along
    ? drawLines(`${group}: ${unit || "ratio"}`, values, along, scale)
    : drawBars(group, values, unit, scale);
}

/** What is drawn in one colour. */
interface Named {
  name: string;
  numbers: number[];
}

function drawBars(group: string, values: Named[], unit: string, { most, colourOf }: Scale): Drawn {
  const bars = values.map(({ name, numbers: [value = NaN] }, index) => {
    const y = LINE + index * BARS.step;
    const length = round(Math.max(0, value / most) * BARS.length);
    return text(name, BARS.from - 8, y + 10, "", "end") +
      `<rect class="bar" x="${BARS.from}" y="${y}" width="${length}" height="${BARS.height}" ` +
      `fill="${colourOf(name)}"/>` +
      text(formatAmount(value, unit), BARS.from + length + 6, y + 10);
  });
  return {
    svg: text(group, 0, 10, "group") + bars.join(""),
    height: LINE + bars.length * BARS.step + 12,
  };
}

function drawLines(
  title: string,
  values: Named[],
  { of, numbers: places }: NonNullable<Measures["along"]>,
  { most, colourOf }: Scale,
): Drawn {
  const { from, length, height } = LINES;
  const top = LINE + 10;
  const [least, last] = [Math.log(Math.min(...places)), Math.log(Math.max(...places))];
  const x = (place: number) =>
    round(from + (last > least ? (Math.log(place) - least) / (last - least) : 1) * length);
  const y = (value: number) => round(top + height - value / most * height);

  const step = niceStep(most / 3);
  const grid = Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step)
    .map((value) =>
      `<line class="grid" x1="${from}" x2="${from + length}" y1="${y(value)}" y2="${y(value)}"/>` +
      text(compact(value), from - 6, y(value) + 4, "muted", "end")
    );
  const ticks = places.map((place) =>
    text(compact(place), x(place), top + height + 14, "muted", "middle")
  );
  const lines = values.map(({ name, numbers }) => {
    const points = numbers.map((value, index) => ({ x: x(places[index]!), y: y(value), value }));
    return { name, points, value: numbers.at(-1)!, fill: colourOf(name) };
  });
  const drawn = lines.map(({ points, fill }) =>
    `<polyline class="line" points="${points.map(({ x, y }) => `${x},${y}`).join(" ")}" ` +
    `fill="none" stroke="${fill}" stroke-width="2"/>` +
    points.map(({ x, y, value }) =>
      `<circle cx="${x}" cy="${y}" r="3" fill="${fill}"><title>${
        formatNumber(value)
      }</title></circle>`
    ).join("")
  );
  const labels = apart(lines.map((line) => ({ ...line, y: line.points.at(-1)!.y })), top + height)
    .map(({ name, value, fill, y }) =>
      `<rect x="${from + length + 10}" y="${y - 4}" width="8" height="8" fill="${fill}"/>` +
      text(`${name} ${formatAmount(value, "")}`, from + length + 22, y + 4)
    );
  return {
    svg: text(title, 0, 10, "group") +
      [...grid, ...ticks, ...drawn].join("") +
      text(of, from + length + 22, top + height + 14, "muted") + labels.join(""),
    height: top + height + 32,
  };
}

/** Labels from the highest to the lowest, so far apart that each can be read, and none below the axis. */
function apart<Label extends { y: number }>(labels: Label[], bottom: number): Label[] {
  const sorted = labels.toSorted((a, b) => a.y - b.y);
  let free = -Infinity;
  const down = sorted.map(({ y }) => free = Math.max(y, free + LINES.labelGap));
  free = bottom + LINES.labelGap;
  const up = down.toReversed().map((y) => free = Math.min(y, free - LINES.labelGap)).toReversed();
  return sorted.map((label, index) => ({ ...label, y: up[index]! }));
}

/** 1, 2 or 5 times a power of ten, and no less than this. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].find((times) => times * power >= least)! * power;
}

function beneath(parts: Drawn[]): Drawn {
  let height = 0;
  const svg = parts.map((part) => {
    const y = height;
    height += part.height;
    return moved(0, y, part.svg);
  });
  return { svg: svg.join(""), height };
}

function besideEachOther(panels: Drawn[]): Drawn[] {
  return Array.from({ length: Math.ceil(panels.length / 2) }, (_, row) => {
    const [left, right] = panels.slice(2 * row, 2 * row + 2);
    return { ...left!, svg: left!.svg + (right ? moved(LINES.width, 0, right.svg) : "") };
  });
}

function moved(x: number, y: number, svg: string): string {
  return `<g transform="translate(${x} ${y})">${svg}</g>`;
}

function text(content: string, x: number, y: number, kind = "", anchor = "start"): string {
  const style = kind ? ` class="${kind}"` : "";
  const end = anchor === "start" ? "" : ` text-anchor="${anchor}"`;
  return `<text x="${x}" y="${y}"${style}${end}>${escape(content)}</text>`;
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function compact(value: number): string {
  return value.toLocaleString("en-US", { notation: "compact", maximumFractionDigits: 2 });
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
