import assert from "node:assert/strict";
import { printable, printableJson, visible } from "../../scripts/command/printable.ts";
import { formatCount, formatSeconds, lines, paceOf } from "../../scripts/command/progress.ts";
import { flow, verdict, widthOf } from "../../scripts/command/terminal.ts";

Deno.test("a pace is that of the rows so far, and tells how long the others will take", () => {
  assert.deepEqual(paceOf(5_000, 2_000, 10_000), { perSecond: 2_500, secondsLeft: 4 });
  assert.deepEqual(paceOf(0, 2_000, 10_000), { perSecond: 0, secondsLeft: null });
  assert.deepEqual(paceOf(0, 0, 0), { perSecond: 0, secondsLeft: null });
  assert.equal(paceOf(10, 1_000, -5).secondsLeft, 0, "rows that came meanwhile");
});

Deno.test("seconds and counts are written as people read them", () => {
  const times = [0.4, 42, 59.7, 200, 3_905].map(formatSeconds);
  assert.deepEqual(times, ["0 s", "42 s", "1 min 0 s", "3 min 20 s", "1 h 5 min"]);
  assert.equal(formatCount(1_234_567.8), "1,234,568");
});

Deno.test("without a terminal a list is a line every few seconds, and one at its end", () => {
  let now = 0;
  const written: string[] = [];
  const progress = lines((line) => written.push(line), () => now);
  progress.begin("users", null, 0);
  for (; now < 12_000; now += 500) progress.step(40_000, 1_000 + now);
  progress.note("a note");
  progress.end();
  assert.deepEqual(written.map((line) => line.split(/ {2,}/).slice(0, 2)), [
    ["users", "6,000 of 40,000"],
    ["users", "11,000 of 40,000"],
    ["a note"],
    ["users", "12,500 of 40,000"],
  ]);
  assert.match(written[0]!, / 1,200 rows\/s {2}28 s left$/);
});

Deno.test("the pace of a list that is gone on with is that of the rows since", () => {
  let now = 0;
  const written: string[] = [];
  const progress = lines((line) => written.push(line), () => now);
  progress.begin("users", 20_000, 10_000);
  now = 1_000;
  progress.step(20_000, 12_000);
  progress.end();
  assert.equal(written[0], "users          12,000 of 20,000  2,000 rows/s  4 s left");
});

Deno.test("a list without any row is no line", () => {
  const written: string[] = [];
  const progress = lines((line) => written.push(line), () => 0);
  progress.begin("users", null, 0);
  progress.end();
  assert.deepEqual(written, []);
});

/** C0, DEL and C1, and what turns the direction of text. */
const STEERING = [...Array(0xa0).keys(), 0x202e, 0x2066]
  .filter((code) => code < 0x20 || code > 0x7e)
  .map((code) => String.fromCharCode(code)).join("");

Deno.test("text from elsewhere steers no terminal", () => {
  const text = `a${STEERING}z`;
  assert.doesNotMatch(printable(text), /\p{C}/u);
  assert.doesNotMatch(visible(text).replaceAll(/[\n\t]/g, ""), /\p{C}/u);
  assert.doesNotMatch(printableJson({ text }), /\p{C}/u);
});

Deno.test("JSON that is shown is the same JSON", () => {
  const value = { text: `a${STEERING}z`, family: "👨‍👩‍👧", half: "\ud800", [STEERING]: [1, null] };
  assert.deepEqual(JSON.parse(printableJson(value)), value);
  assert.deepEqual(JSON.parse(visible(JSON.stringify(value))), value);
});

Deno.test("lines and letters stay what they are", () => {
  assert.equal(visible("é 你 🙂\n\tat x.ts:1"), "é 你 🙂\n\tat x.ts:1");
});

Deno.test("a paragraph flows into the width, and an item goes on below its words", () => {
  const words = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen";
  const text = `${words}\n${words}\n\n  item  ${words}\n  ${words}`;
  const lines = flow(text, 60).split("\n");
  assert.deepEqual(lines.filter((line) => line.length > 60), []);
  assert.equal(lines.join(" ").match(/twelve/g)?.length, 4);
  assert.deepEqual(lines.map((line) => line.search(/\S|$/)), [0, 0, 0, 0, 2, 8, 2, 2]);
});

Deno.test("the width is the terminal's, and 80 columns where there is none", () => {
  assert.deepEqual([{}, { columns: 60 }, { isTTY: true }].map(widthOf), [80, 80, 80]);
  assert.deepEqual([60, 100, 300].map((columns) => widthOf({ isTTY: true, columns })), [
    60,
    100,
    120,
  ]);
});

Deno.test("without a terminal nothing is coloured", () => {
  assert.equal(verdict("in sync", true), "in sync");
});
