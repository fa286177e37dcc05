import { dirname, join } from "node:path";
import { formatSeconds } from "../../scripts/command/progress.ts";
import { drawChart } from "./chart.ts";
import {
  formatAmount,
  formatBound,
  formatLimit,
  formatReached,
  type MeasuredPart,
  type Report,
} from "./part.ts";

const CHARTS = join("tests", "benchmarks", "charts");

/** The page that has the table and the charts, between two comments. */
export const PAGE = join("tests", "README.md");

const BEGIN = "<!-- npm run bench -- --save writes from here -->";
const END = "<!-- to here -->";

/** Keeps what a run measured: as charts, and on the page. The names are those of all parts, in their order. Returns the files. */
export async function save(
  root: string,
  report: Pick<Report, "parts" | "command" | "date" | "machine">,
  names: string[],
): Promise<string[]> {
  const measured = report.parts.filter((part) => part.outcome === "measured");
  const page = withResults(await Deno.readTextFile(join(root, PAGE)), report, names);
  const files = {
    ...Object.fromEntries(
      measured.map((part) => [join(CHARTS, `${part.name}.svg`), drawChart(part)]),
    ),
    [PAGE]: page,
  };
  for (const [path, text] of Object.entries(files)) await replaceFile(join(root, path), text);
  return Object.keys(files);
}

/** What the page says of a part. */
interface Entry {
  name: string;
  /** Of the table. */
  rows: string[];
  /** On which day it was measured, by which command and on which machine. */
  origin: string;
  /** How long that took, for people. */
  took: string;
  image: string;
}

/**
 * A page on which each part that a run measured is in place of its older self, in the order of the names; those that are not
 * among the names go. Without the two comments there is nowhere to write.
 */
export function withResults(
  page: string,
  report: Pick<Report, "parts" | "command" | "date" | "machine">,
  names: string[],
): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`${PAGE} has no ${BEGIN} … ${END}`);
  const measured = report.parts.filter((part) => part.outcome === "measured");
  const entries = [
    ...measured.map((part) => entryOf(part, report)),
    ...entriesIn(page.slice(begin, end)),
  ];
  const kept = names.flatMap((name) => entries.find((entry) => entry.name === name) ?? []);
  const written = [resultTable(kept), origins(kept), charts(kept)].join("\n\n");
  return `${page.slice(0, begin + BEGIN.length)}\n\n${written}\n\n${page.slice(end)}`;
}

/** Begins a part's rows. */
const PART = /^\| \*\*`(.+?)`\*\*/;

/** What was written of each part before. */
function entriesIn(text: string): Entry[] {
  const lines = text.split("\n");
  let part = "";
  const rows = Map.groupBy(
    lines.filter((line) => line.startsWith("| ")),
    (line) => part = PART.exec(line)?.[1] ?? part,
  );
  rows.delete("");
  const find = (pattern: RegExp) => lines.find((line) => pattern.test(line)) ?? "";
  return [...rows].map(([name, rows]) => {
    const origin = find(RegExp(`^- .*: .*\`${name}\` `));
    return {
      name,
      rows,
      origin: origin.replace(/^- (.+): `.*$/, "$1"),
      took: RegExp(`\`${name}\` \\((.+?)\\)`).exec(origin)?.[1] ?? "",
      image: find(RegExp(`^!\\[${name}: `)),
    };
  });
}

function entryOf(
  { name, title, seconds, targets }: MeasuredPart,
  { command, date, machine }: Pick<Report, "command" | "date" | "machine">,
): Entry {
  const figures = targets.map((target) => {
    const bound = formatBound(target);
    const figure = formatAmount(target.value, target.unit) + (bound ? ` (${bound})` : "");
    return row([target.name, figure, formatLimit(target), formatReached(target, ["yes", "no"])]);
  });
  return {
    name,
    rows: [row([`**\`${name}\`** ${title}`, "", "", ""]), ...figures],
    origin: `${date.slice(0, 10)}, \`${command}\` on ${machine}`,
    took: formatSeconds(seconds),
    image: `![${name}: ${title}](benchmarks/charts/${name}.svg)`,
  };
}

function resultTable(entries: Entry[]): string {
  return [
    row(["what was compared", "figure", "goal", "reached"]),
    row(Array(4).fill("---")),
    ...entries.flatMap(({ rows }) => rows),
  ].join("\n");
}

function row(cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** A line for each run and machine. */
function origins(entries: Entry[]): string {
  return [...Map.groupBy(entries, ({ origin }) => origin)]
    .map(([origin, entries]) =>
      `- ${origin}: ${entries.map(({ name, took }) => `\`${name}\` (${took})`).join(", ")}`
    )
    .join("\n");
}

/** Folded: together they are many screens long. */
function charts(entries: Entry[]): string {
  const images = entries.map(({ image }) => image);
  return ["<details>\n<summary>Charts</summary>", ...images, "</details>"].join("\n\n");
}

/** In one step: whoever reads it meanwhile, or after a crash, finds the old text or the new one. */
async function replaceFile(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(`${path}.new`, text);
  await Deno.rename(`${path}.new`, path);
}
