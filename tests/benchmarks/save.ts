import { dirname, join } from "node:path";
import { drawChart } from "./chart.ts";
import {
  formatAmount,
  formatBound,
  formatLimit,
  isReached,
  type MeasuredPart,
  type PartResult,
  type Report,
} from "./part.ts";

const RESULTS = join("tests", "benchmarks", "results.json");
const CHARTS = join("tests", "benchmarks", "charts");

/** The page that has the table and the charts, between two comments. */
export const PAGE = join("tests", "README.md");

const BEGIN = "<!-- npm run bench -- --save writes from here -->";
const END = "<!-- to here -->";

/** Of the formatter's lines. */
const WIDTH = 100;

/** What is kept of a part: its last measurement, what repeats it, and what the page and the charts are made from. */
export interface KeptPart extends Pick<PartResult, "settings" | "measures" | "targets"> {
  name: string;
  title: string;
  date: string;
  command: string;
  machine: string;
}

/**
 * Keeps what a run measured, if there was one: in the file of results, and drawn and written out of it. The names are those of
 * all parts, in their order. Returns the files.
 */
export async function save(
  root: string,
  report: Report | undefined,
  names: string[],
): Promise<string[]> {
  const kept = await readResults(root);
  const parts = report ? mergeResults(kept, report, names) : kept;
  const page = withResults(await Deno.readTextFile(join(root, PAGE)), parts);
  const files = { [RESULTS]: resultsText(parts), ...chartsOf(parts), [PAGE]: page };
  for (const [path, text] of Object.entries(files)) await replaceFile(join(root, path), text);
  return Object.keys(files);
}

/** What was kept so far. */
export async function readResults(root: string): Promise<KeptPart[]> {
  return JSON.parse(await Deno.readTextFile(join(root, RESULTS)));
}

/** The charts that the results alone decide, by their paths. */
export function chartsOf(parts: KeptPart[]): Record<string, string> {
  return Object.fromEntries(
    parts.map((part) => [join(CHARTS, `${part.name}.svg`), drawChart(part)]),
  );
}

/** What was kept, with each part that a run measured in place of its older self, in the order of the names. */
export function mergeResults(kept: KeptPart[], report: Report, names: string[]): KeptPart[] {
  const measured = report.parts
    .filter((part) => part.outcome === "measured")
    .map((part) => keep(part, report));
  const find = (name: string) => [...measured, ...kept].find((part) => part.name === name);
  return names.map(find).filter((part) => part !== undefined);
}

function keep(part: MeasuredPart, { date, command, machine }: Report): KeptPart {
  const { name, title, settings, measures, targets } = part;
  return {
    name,
    title,
    date,
    command,
    machine,
    settings,
    measures,
    targets,
  };
}

/**
 * As it is written into the file: numbers with more digits than anything is told with, and whatever fits into a line in one, as
 * the formatter leaves it.
 */
export function resultsText(parts: KeptPart[]): string {
  return `${asJson(parts, "")}\n`;
}

/** So many characters of the line are taken by what is before. */
function asJson(value: unknown, indent: string, before = indent.length): string {
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const isArray = Array.isArray(value);
  const items = (inner: string) =>
    Object.entries(value).map(([name, item]) => {
      const key = isArray ? "" : `${JSON.stringify(name)}: `;
      return key + asJson(item, inner, inner.length + key.length);
    });
  const line = isArray ? `[${items("").join(", ")}]` : `{ ${items("").join(", ")} }`;
  const isList = isArray && typeof value[0] === "object";
  if (!isList && !line.includes("\n") && before + line.length < WIDTH) return line;
  const inner = `${indent}  `;
  const lines = `\n${inner}${items(inner).join(`,\n${inner}`)}\n${indent}`;
  return isArray ? `[${lines}]` : `{${lines}}`;
}

/** A page with the results between its two comments; without them there is nowhere to write. */
export function withResults(page: string, parts: KeptPart[]): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`${PAGE} has no ${BEGIN} … ${END}`);
  const written = [resultTable(parts), origins(parts), charts(parts)].join("\n\n");
  return `${page.slice(0, begin + BEGIN.length)}\n\n${written}\n\n${page.slice(end)}`;
}

function resultTable(parts: KeptPart[]): string {
  const rows = parts.flatMap(({ name, title, date, targets }) => {
    const figures = targets.map((target) => [
      `${target.name}: ${formatAmount(target.value, target.unit)}`,
      formatLimit(target),
      isReached(target) ? "yes" : "no",
      formatBound(target),
    ]);
    return (figures.length > 0 ? figures : [["see the chart", "", "", ""]]).map((figure, index) =>
      index === 0 ? [`\`${name}\``, title, ...figure, date.slice(0, 10)] : ["", "", ...figure, ""]
    );
  });
  return [
    row(["part", "what is compared", "figure", "must be", "reached", "bounded by", "measured"]),
    row(Array(7).fill("---")),
    ...rows.map(row),
  ].join("\n");
}

function row(cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** By which command and on which machine: a line for each. */
function origins(parts: KeptPart[]): string {
  const origins = Map.groupBy(parts, ({ command, machine }) => `\`${command}\` on ${machine}`);
  return [...origins]
    .map(([origin, parts]) => `- ${origin}: ${parts.map(({ name }) => `\`${name}\``).join(", ")}`)
    .join("\n");
}

/** Folded: together they are many screens long. */
function charts(parts: KeptPart[]): string {
  const images = parts.map(({ name, title }) =>
    `![${name}: ${title}](benchmarks/charts/${name}.svg)`
  );
  return ["<details>\n<summary>Charts</summary>", ...images, "</details>"].join("\n\n");
}

/** In one step: whoever reads it meanwhile, or after a crash, finds the old text or the new one. */
async function replaceFile(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(`${path}.new`, text);
  await Deno.rename(`${path}.new`, path);
}
