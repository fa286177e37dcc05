/** What a run is told by: the report on the terminal, the page and the charts. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PARTS } from "./bench.ts";
import { drawChart } from "./chart.ts";
import { formatReport, measureTable } from "./format.ts";
import {
  formatAmount,
  formatLimit,
  formatNumber,
  type MeasuredPart,
  type Measures,
  type Report,
  type Target,
} from "./part.ts";
import { PAGE, save, withResults } from "./save.ts";

const MACHINE = "2 × Quick CPU, 8 GB, Linux 6.1, Deno 2.9.6, Node 24.1.0, PostgreSQL 17.10";
const REACHED: Target = { name: "beside the floor", value: 1.2, limit: { atMost: 1.5 } };
const MISSED: Target = {
  name: "beside the reference",
  value: 1.6,
  limit: { atMost: 1.5 },
  bound: { name: "its rows", value: 1.55 },
};
const TOLD: Target = { name: "drawn evenly", value: 0.6, bound: { name: "its rows", value: 0.7 } };
const TIMES: Measures = {
  unit: "ms",
  groups: { small: { ours: 12, floor: 10.04 }, large: { ours: 1200.4, floor: 0.1234 } },
};
const GROWING: Measures = {
  unit: "rows/s",
  along: { of: "users", numbers: [100, 10_000] },
  groups: { writes: { ours: [5000, 4000], floor: [9000, 8100] } },
};
const LONG = "every word of it ".repeat(20).trim();

function measuredPart(given: Partial<MeasuredPart> = {}): MeasuredPart {
  return {
    outcome: "measured",
    name: "reads",
    title: "Reads, beside the floor",
    seconds: 61,
    settings: { rows: 1000, mode: "warm" },
    measures: [TIMES],
    targets: [REACHED],
    ...given,
  };
}

function reportOf(given: Partial<Report> = {}): Report {
  return {
    date: "2026-11-24T20:25:07.123Z",
    command: "npm run bench -- reads",
    machine: MACHINE,
    load: 0.5,
    isQuick: false,
    seed: 1,
    isInterrupted: false,
    parts: [measuredPart()],
    ...given,
  };
}

Deno.test("small fractions have three digits, large ones none after the point, whole numbers are whole", () => {
  const texts = [0.12345, 1.5, 13.44, 99.96, 1234.5, 7, 10_000_000].map(formatNumber);
  assert.deepEqual(texts, ["0.123", "1.50", "13.4", "100", "1,235", "7", "10,000,000"]);
  assert.deepEqual([formatAmount(7), formatAmount(7, "ms")], ["7", "7 ms"]);
});

Deno.test("a limit is said as it was set, with the unit", () => {
  assert.equal(formatLimit(REACHED), "at most 1.5");
  const limit = formatLimit({ ...REACHED, unit: "events/s", limit: { atLeast: 2000 } });
  assert.equal(limit, "at least 2,000 events/s");
});

Deno.test("a report has the machine, the command, and of each part settings, measures, targets and bounds", () => {
  const parts = [measuredPart({ measures: [TIMES, GROWING], targets: [REACHED, MISSED, TOLD] })];
  assert.deepEqual(formatReport(reportOf({ parts })).split("\n"), [
    MACHINE,
    "2026-11-24 20:25 UTC, load 0.50 at the start, seed 1",
    "npm run bench -- reads",
    "",
    "reads, 1 min 1 s",
    "Reads, beside the floor",
    "rows: 1,000, mode: warm",
    "",
    "  ms      ours  floor",
    "  small     12   10.0",
    "  large  1,200  0.123",
    "",
    "  rows/s                 ours  floor",
    "  writes, 100 users     5,000  9,000",
    "  writes, 10,000 users  4,000  8,100",
    "",
    "  target                   is      must be                bounded by",
    "  beside the floor       1.20  at most 1.5  reached",
    "  beside the reference   1.60  at most 1.5   missed   its rows: 1.55",
    "  drawn evenly          0.600                        its rows: 0.700",
  ]);
});

Deno.test("a name that one group lacks leaves a gap; groups with names of their own, or too wide, are listed", () => {
  const lines = (measures: Measures, width = 78) =>
    measureTable(measures, width).split("\n").map((line) => line.trimEnd());
  const gap = { unit: "ms", groups: { small: { ours: 12, floor: 10 }, large: { ours: 7 } } };
  assert.deepEqual(lines(gap), ["ms     ours  floor", "small    12     10", "large     7"]);
  const own = { unit: "ms", groups: { small: { a: 12 }, large: { b: 7 } } };
  assert.deepEqual(lines(own), ["       ms", "small", "  a    12", "large", "  b     7"]);
  assert.equal(lines(TIMES, 19)[1], "small     12   10.0");
  assert.equal(lines(TIMES, 18)[2], "  ours      12");
});

Deno.test("no line is wider than 80 columns, however much there is to say", () => {
  const settings = Object.fromEntries(LONG.split(" ").map((word, index) => [word + index, 1000]));
  const target = { ...REACHED, name: LONG, value: 123_456, unit: "events/s" };
  for (const targets of [[target], [{ ...MISSED, name: LONG }]]) {
    const measures = [{ unit: "events/s", groups: { [LONG]: { ours: 1 } } }];
    const parts = [measuredPart({ title: LONG, settings, measures, targets })];
    for (const line of formatReport(reportOf({ parts })).split("\n")) {
      assert.ok(line.length <= 80, line);
    }
  }
});

Deno.test("a part that failed is there with its error; a quick and an interrupted run say so at the end", () => {
  const failed = { outcome: "failed", name: "writes", error: "Error: no such table" } as const;
  const report = formatReport(reportOf({ parts: [failed, measuredPart()] }));
  assert.match(report, /\n\nwrites\n {2}failed: Error: no such table\n\nreads, /);
  assert.match(formatReport(reportOf({ isQuick: true })), /\n\nquick: .*means nothing$/);
  assert.match(formatReport(reportOf({ isInterrupted: true })), /\n\ninterrupted$/);
});

const EMPTY_PAGE = `# Title

<!-- npm run bench -- --save writes from here -->
old
<!-- to here -->

## More
`;

const NAMES = ["writes", "growth", "reads", "flood"];

function written(page: string, given: Partial<Report> = {}): string {
  return withResults(page, reportOf(given), NAMES);
}

/** The lines of the table and of the origins, but for the table's head. */
function told(page: string): string[] {
  return page.split("\n").filter((line) => /^\| (?!what|---)|^- /.test(line));
}

Deno.test("only what is between the comments is written anew, and the same again the second time", () => {
  const once = written(EMPTY_PAGE);
  assert.ok(once.startsWith("# Title\n\n<!-- npm run bench"));
  assert.ok(once.endsWith("<!-- to here -->\n\n## More\n"));
  assert.ok(!once.includes("old"));
  assert.equal(written(once), once);
});

Deno.test("a page without one of the comments is not written", () => {
  for (const comment of EMPTY_PAGE.match(/<!--.*-->/g) ?? []) {
    const page = EMPTY_PAGE.replace(comment, "");
    assert.throws(() => written(page), /README.md has no <!-- npm run bench/);
  }
});

Deno.test("a part that was measured again replaces its older self; the others, in their order, stay", () => {
  const parts = ["gone", "reads", "writes"].map((name) =>
    measuredPart({ name, targets: [REACHED, MISSED] })
  );
  const old = { parts, date: "2026-01-01T00:00:00.000Z", command: "npm run bench" };
  const all = withResults(EMPTY_PAGE, reportOf(old), ["gone", ...NAMES]);
  const page = written(all);
  const figures = [
    "| beside the floor | 1.20 | at most 1.5 | yes |",
    "| beside the reference | 1.60 (its rows: 1.55) | at most 1.5 | no |",
  ];
  assert.deepEqual(told(page), [
    "| **`writes`** Reads, beside the floor |  |  |  |",
    ...figures,
    "| **`reads`** Reads, beside the floor |  |  |  |",
    figures[0],
    `- 2026-01-01, \`npm run bench\` on ${MACHINE}: \`writes\` (1 min 1 s)`,
    `- 2026-11-24, \`npm run bench -- reads\` on ${MACHINE}: \`reads\` (1 min 1 s)`,
  ]);
  assert.deepEqual(page.match(/^!\[\w+/gm), ["![writes", "![reads"]);
  assert.equal(written(page, { parts: [{ outcome: "failed", name: "reads", error: "no" }] }), page);
});

Deno.test("each target is a row of the page's table; parts of one run on one machine share a line", () => {
  const parts = [
    measuredPart({ targets: [REACHED, MISSED, TOLD] }),
    measuredPart({ name: "writes", title: "a | b", targets: [] }),
  ];
  const flood = { parts: [measuredPart({ name: "flood" })], command: "npm run bench -- flood" };
  const lines = written(written(EMPTY_PAGE, { parts }), flood).split("\n");
  assert.deepEqual(
    lines.filter((line) => line !== "").slice(2, -1),
    [
      "| what was compared | figure | goal | reached |",
      "| --- | --- | --- | --- |",
      "| **`writes`** a \\| b |  |  |  |",
      "| **`reads`** Reads, beside the floor |  |  |  |",
      "| beside the floor | 1.20 | at most 1.5 | yes |",
      "| beside the reference | 1.60 (its rows: 1.55) | at most 1.5 | no |",
      "| drawn evenly | 0.600 (its rows: 0.700) |  |  |",
      "| **`flood`** Reads, beside the floor |  |  |  |",
      "| beside the floor | 1.20 | at most 1.5 | yes |",
      `- 2026-11-24, \`npm run bench -- reads\` on ${MACHINE}: \`writes\` (1 min 1 s), \`reads\` (1 min 1 s)`,
      `- 2026-11-24, \`npm run bench -- flood\` on ${MACHINE}: \`flood\` (1 min 1 s)`,
      "<details>",
      "<summary>Charts</summary>",
      "![writes: a | b](benchmarks/charts/writes.svg)",
      "![reads: Reads, beside the floor](benchmarks/charts/reads.svg)",
      "![flood: Reads, beside the floor](benchmarks/charts/flood.svg)",
      "</details>",
      "<!-- to here -->",
    ],
  );
});

Deno.test("a run is kept as a chart and on the page, or nowhere", async () => {
  const root = await Deno.makeTempDir();
  await Deno.mkdir(join(root, "tests"));
  await Deno.writeTextFile(join(root, PAGE), "# Without comments\n");
  await assert.rejects(save(root, reportOf(), ["reads"]), /README.md has no/);
  const filesThere = async () =>
    (await Array.fromAsync(Deno.readDir(join(root, "tests")))).map(({ name }) => name).sort();
  assert.deepEqual(await filesThere(), ["README.md"]);

  await Deno.writeTextFile(join(root, PAGE), EMPTY_PAGE);
  const files = await save(root, reportOf(), ["reads"]);
  assert.deepEqual(files, ["tests/benchmarks/charts/reads.svg", "tests/README.md"]);
  assert.match(await Deno.readTextFile(join(root, files[0]!)), /^<svg[^]*1,200 ms[^]*<\/svg>\n$/);
  assert.match(await Deno.readTextFile(join(root, PAGE)), /\| \*\*`reads`\*\* Reads/);
  assert.deepEqual(await filesThere(), ["README.md", "benchmarks"]);
  await Deno.remove(root, { recursive: true });
});

function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]+)</g)].map(([, text = ""]) => text);
}

Deno.test("a chart names what was measured, group by group, with every value at its bar, and what was missed", () => {
  const svg = drawChart(measuredPart({ targets: [MISSED, TOLD] }));
  assert.deepEqual(textsOf(svg), [
    "Reads, beside the floor",
    "rows: 1,000, mode: warm",
    "beside the reference: 1.60, must be at most 1.5, missed",
    "drawn evenly: 0.600",
    ...["small", "ours", "12 ms", "floor", "10.0 ms"],
    ...["large", "ours", "1,200 ms", "floor", "0.123 ms"],
  ]);
  assert.equal(drawChart(measuredPart({ targets: [MISSED, TOLD] })), svg, "the same each time");
});

Deno.test("bars of one unit have one scale, those of another their own", () => {
  const svg = drawChart(measuredPart({
    measures: [
      { unit: "ms", groups: { small: { ours: 10 }, large: { ours: 40 } } },
      { unit: "MB", groups: { large: { size: 7 } } },
    ],
  }));
  const [small = 0, large = 0, size] = [...svg.matchAll(/class="bar"[^>]* width="([\d.]+)"/g)]
    .map(([, length]) => Number(length));
  assert.equal(small * 4, large);
  assert.equal(size, large);
});

Deno.test("lines lie over a log axis: twice the way for the square, names and last values at their ends", () => {
  const numbers = [10, 100, 10_000];
  const measures = [{
    unit: "rows/s",
    along: { of: "users", numbers },
    groups: { writes: { ours: [100, 50, 0] } },
  }];
  const svg = drawChart(measuredPart({ measures }));
  const [, points = ""] = /<polyline [^>]*points="([^"]+)"/.exec(svg) ?? [];
  const [a, b, c] = points.split(" ").map((point) => point.split(",").map(Number));
  assert.ok(Math.abs((c![0]! - a![0]!) / (b![0]! - a![0]!) - 3) < 0.02, points);
  assert.ok(Math.abs(a![1]! + c![1]! - 2 * b![1]!) < 0.2 && a![1]! < c![1]!, points);
  const texts = textsOf(svg);
  for (const text of ["writes: rows/s", "10", "100", "10K", "users", "ours 0"]) {
    assert.ok(texts.includes(text), texts.join("; "));
  }
  const values = [...svg.matchAll(/<title>(\d+)<\/title><\/circle>/g)].map(([, value]) => value);
  assert.deepEqual(values, ["100", "50", "0"]);
});

Deno.test("a chart has colours for light and dark pages, and asks for nothing from elsewhere", () => {
  const svg = drawChart(measuredPart({ title: "a < b & c" }));
  assert.match(svg, /\.ground\{fill:#fff\}.*prefers-color-scheme:dark.*\.ground\{fill:#0d1117\}/);
  assert.match(svg, /<rect class="ground" width="\d+" height="\d+"\/>/);
  assert.deepEqual(svg.match(/\w+:\/\/[^"]+/g), ["http://www.w3.org/2000/svg"]);
  assert.ok(textsOf(svg).includes("a &lt; b &amp; c"));
});

const ROOT = join(import.meta.dirname!, "..", "..");

const ignore = !existsSync(join(ROOT, PAGE));

Deno.test(
  "the page has parts that there are as save writes them, each with its chart, which says the same",
  { ignore },
  async () => {
    const page = await Deno.readTextFile(join(ROOT, PAGE));
    assert.equal(withResults(page, reportOf({ parts: [] }), Object.keys(PARTS)), page);
    const charts = join(import.meta.dirname!, "charts");
    const drawn = (await Array.fromAsync(Deno.readDir(charts))).map(({ name }) => name).sort();
    const shown = [...page.matchAll(/\(benchmarks\/charts\/(.+)\)$/gm)].map(([, name]) => name);
    assert.deepEqual(shown.sort(), drawn);
    let svg = "";
    for (const row of page.slice(page.indexOf("| ---")).match(/^\| (?!---).*/gm) ?? []) {
      const [, compared = "", figure = "", limit] = row.split("|").map((cell) => cell.trim());
      const [, name, title = ""] = /^\*\*`(.+)`\*\* (.+)$/.exec(compared) ?? [];
      if (name) svg = await Deno.readTextFile(join(charts, `${name}.svg`));
      const said = textsOf(svg).join(" ");
      assert.ok(said.startsWith(title), said);
      // What bounds it is in the table alone.
      const value = `${compared}: ${figure.replace(/ \(.*\)$/, "")}`;
      assert.ok(name || said.includes(limit ? `${value}, must be ${limit}` : value), row);
    }
  },
);
