import assert from "node:assert/strict";
import { withResults } from "./readme.ts";
import { keptPart, MACHINE, MISSED, REACHED } from "./sample_report.ts";

const README = `# Title

<!-- npm run bench -- --save writes from here -->
old
<!-- to here -->

## More
`;

function written(parts: ReturnType<typeof keptPart>[]): string[] {
  return withResults(README, parts).split("\n").filter((line) => line !== "");
}

Deno.test("only what is between the comments is written anew, and the same again the second time", () => {
  const once = withResults(README, [keptPart()]);
  assert.ok(once.startsWith("# Title\n\n<!-- npm run bench"));
  assert.ok(once.endsWith("<!-- to here -->\n\n## More\n"));
  assert.ok(!once.includes("old"));
  assert.equal(withResults(once, [keptPart()]), once);
});

Deno.test("a README without one of the comments is not written", () => {
  for (const comment of README.match(/<!--.*-->/g) ?? []) {
    const readme = README.replace(comment, "");
    assert.throws(() => withResults(readme, []), /tests\/README.md has no <!-- npm run bench/);
  }
});

Deno.test("each target is a row: figure, limit, whether it is reached; the part is named once", () => {
  const bound = { name: "its rows", value: 1.55 };
  const targets = [REACHED, { ...MISSED, name: "beside the reference", bound }];
  const lines = written([keptPart({ targets })]);
  assert.deepEqual(lines.slice(2, 6), [
    "| part | what is compared | figure | must be | reached | bounded by | measured |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    "| `reads` | Reads, beside the floor | beside the floor: 1.20 | at most 1.5 | yes |  | 2026-11-24 |",
    "|  |  | beside the reference: 1.60 | at most 1.5 | no | its rows: 1.55 |  |",
  ]);
});

Deno.test("a part without a target is in the table too", () => {
  assert.ok(
    written([keptPart({ targets: [] })]).includes(
      "| `reads` | Reads, beside the floor | see the chart |  |  |  | 2026-11-24 |",
    ),
  );
});

Deno.test("a line in a title can't break the table", () => {
  const lines = written([keptPart({ title: "a | b" })]);
  assert.ok(lines.some((line) => line.includes("| a \\| b |")), lines.join("\n"));
});

Deno.test("parts of one command on one machine share a line, whatever the load was", () => {
  const lines = written([
    keptPart(),
    keptPart({ name: "writes", machine: { ...MACHINE, load: 3 } }),
    keptPart({ name: "flood", command: "npm run bench -- flood" }),
  ]);
  const machine = "2 × Quick CPU, 8 GB, Linux 6.1, Deno 2.9.6, Node 24.1.0, PostgreSQL 17.10";
  assert.deepEqual(lines.filter((line) => line.startsWith("- ")), [
    `- \`npm run bench -- reads\` on ${machine}: \`reads\`, \`writes\``,
    `- \`npm run bench -- flood\` on ${machine}: \`flood\``,
  ]);
});

Deno.test("each part's chart is shown", () => {
  assert.ok(
    written([keptPart()]).includes(
      "![reads: Reads, beside the floor](benchmarks/charts/reads.svg)",
    ),
  );
});
