import { formatAmount } from "./amount.ts";
import { formatMachine } from "./machine.ts";
import type { KeptPart } from "./results.ts";
import { formatBound, formatLimit, isReached } from "./target.ts";

const BEGIN = "<!-- npm run bench -- --save writes from here -->";
const END = "<!-- to here -->";

/** The README with the results between its two comments; without them there is nowhere to write. */
export function withResults(readme: string, parts: KeptPart[]): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`tests/README.md has no ${BEGIN} … ${END}`);
  const written = [resultTable(parts), origins(parts), charts(parts)].join("\n\n");
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${written}\n\n${readme.slice(end)}`;
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
  const originOf = ({ command, machine }: KeptPart) =>
    `\`${command}\` on ${formatMachine(machine)}`;
  const origins = Map.groupBy(parts, originOf);
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
