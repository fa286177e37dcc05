import assert from "node:assert/strict";
import { formatReport } from "./format.ts";
import { measuredPart, MISSED, REACHED, reportOf } from "./sample_report.ts";

Deno.test("a report has the machine, the command, and of each part settings, measures and targets", () => {
  const targets = [REACHED, { ...MISSED, name: "beside the reference" }];
  assert.deepEqual(formatReport(reportOf({ parts: [measuredPart({ targets })] })).split("\n"), [
    "2 × Quick CPU, 8 GB, Linux 6.1, Deno 2.9.6, Node 24.1.0, PostgreSQL 17.10",
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
    "  target                  is      must be",
    "  beside the floor      1.20  at most 1.5  reached",
    "  beside the reference  1.60  at most 1.5   missed",
  ]);
});

Deno.test("where something bounds a target, that is told beside it", () => {
  const targets = [REACHED, { ...MISSED, bound: { name: "its rows", value: 1.55 } }];
  const lines = formatReport(reportOf({ parts: [measuredPart({ targets })] })).split("\n");
  assert.deepEqual(lines.slice(-3), [
    "  target              is      must be               bounded by",
    "  beside the floor  1.20  at most 1.5  reached",
    "  beside the floor  1.60  at most 1.5   missed  its rows: 1.55",
  ]);
});

Deno.test("no line is wider than 100 columns, however much there is to say", () => {
  const long = "every word of it ".repeat(12).trim();
  const targets = [{ ...REACHED, name: long, value: 123_456_789, unit: "events/s" }];
  const settings = Object.fromEntries(long.split(" ").map((word, index) => [word + index, 1000]));
  const report = formatReport(reportOf({
    parts: [measuredPart({ title: long, settings, targets })],
  }));
  for (const line of report.split("\n")) assert.ok(line.length <= 100, line);
});

Deno.test("a part that failed is there with its error", () => {
  const report = formatReport(reportOf({
    parts: [{ outcome: "failed", name: "writes", error: "Error: no such table" }, measuredPart()],
  }));
  assert.match(report, /\n\nwrites\n {2}failed: Error: no such table\n\nreads, /);
});

Deno.test("a quick run and an interrupted one say so at the end", () => {
  assert.match(formatReport(reportOf({ isQuick: true })), /\n\nquick: .*means nothing$/);
  assert.match(formatReport(reportOf({ isInterrupted: true })), /\n\ninterrupted$/);
});
