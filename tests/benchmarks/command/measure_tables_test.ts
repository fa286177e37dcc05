import assert from "node:assert/strict";
import { measureTables } from "./measure_tables.ts";
import { measuredPart } from "./sample_report.ts";

const { measures } = measuredPart();

function lines(table: string | undefined): string[] {
  return (table ?? "").split("\n").map((line) => line.trimEnd());
}

Deno.test("groups that share their names are the rows of one table", () => {
  const [table] = measureTables(measures, 100);
  assert.deepEqual(lines(table), [
    "ms      ours  floor",
    "small     12   10.0",
    "large  1,200  0.123",
  ]);
});

Deno.test("each unit has a table of its own", () => {
  const size = { group: "small", name: "size", value: 5, unit: "MB" };
  const tables = measureTables([...measures, size], 100);
  assert.equal(tables.length, 2);
  assert.deepEqual(lines(tables[1]), ["        MB", "small", "  size   5"]);
});

Deno.test("a name that one group lacks leaves a gap", () => {
  const [table] = measureTables(measures.slice(0, 3), 100);
  assert.deepEqual(lines(table), [
    "ms      ours  floor",
    "small     12   10.0",
    "large  1,200",
  ]);
});

Deno.test("groups with names of their own are listed", () => {
  const own = measures.map((measure) => ({ ...measure, name: `${measure.group} ${measure.name}` }));
  const [table] = measureTables(own, 100);
  assert.deepEqual(lines(table), [
    "                  ms",
    "small",
    "  small ours      12",
    "  small floor   10.0",
    "large",
    "  large ours   1,200",
    "  large floor  0.123",
  ]);
});

Deno.test("a table that is too wide is a list instead", () => {
  const [narrow] = measureTables(measures, 18);
  assert.equal(lines(narrow)[2], "  ours      12");
  const [wide] = measureTables(measures, 19);
  assert.equal(lines(wide)[1], "small     12   10.0");
});
