import assert from "node:assert/strict";
import type { Part, PartResult, RunOptions } from "../part.ts";
import { runParts } from "./run_parts.ts";

const RESULT: PartResult = { settings: { rows: 1 }, measures: [], targets: [] };

function part(name: string, run: Part["run"]): [string, () => Promise<Part>] {
  return [name, () => Promise.resolve({ name, title: `${name}'s title`, run })];
}

function options(given: Partial<RunOptions> = {}): RunOptions {
  const signal = new AbortController().signal;
  return { isQuick: true, seed: 7, note: () => {}, signal, ...given };
}

Deno.test("parts run one after the other, each with the options of the run", async () => {
  const seen: string[] = [];
  const run = async ({ seed, isQuick }: RunOptions) => {
    seen.push(`begin ${seed} ${isQuick}`);
    await Promise.resolve();
    seen.push("end");
    return RESULT;
  };
  const reports = await runParts([part("a", run), part("b", run)], options());
  assert.deepEqual(seen, ["begin 7 true", "end", "begin 7 true", "end"]);
  assert.deepEqual(reports.map(({ name, outcome }) => [name, outcome]), [
    ["a", "measured"],
    ["b", "measured"],
  ]);
});

Deno.test("a report holds what the part is, what it measured and how long it took", async () => {
  const [report] = await runParts([part("a", () => Promise.resolve(RESULT))], options());
  assert.ok(report?.outcome === "measured" && report.seconds >= 0);
  assert.deepEqual({ ...report, seconds: 0 }, {
    outcome: "measured",
    name: "a",
    title: "a's title",
    seconds: 0,
    ...RESULT,
  });
});

Deno.test("a part that fails is reported with its error, and the next one runs", async () => {
  const broken = part("a", () => Promise.reject(new Error("no such table")));
  const reports = await runParts([broken, part("b", () => Promise.resolve(RESULT))], options());
  assert.deepEqual(reports[0], { outcome: "failed", name: "a", error: "Error: no such table" });
  assert.equal(reports[1]?.outcome, "measured");
});

Deno.test("a part that can't be loaded is reported as one that failed", async () => {
  const broken = () => Promise.reject(new SyntaxError("what?"));
  const reports = await runParts([["a", broken]], options());
  assert.deepEqual(reports, [{ outcome: "failed", name: "a", error: "SyntaxError: what?" }]);
});

Deno.test("what a part notes is told with its name", async () => {
  const lines: string[] = [];
  const run = ({ note }: RunOptions) => {
    note("loading …");
    return Promise.resolve(RESULT);
  };
  await runParts([part("a", run)], options({ note: (line) => lines.push(line) }));
  assert.deepEqual(lines, ["a: loading …"]);
});

Deno.test("once it is interrupted no other part begins", async () => {
  const interruption = new AbortController();
  const last = () => {
    interruption.abort();
    return Promise.resolve(RESULT);
  };
  const parts = [part("a", last), part("b", () => Promise.resolve(RESULT))];
  const reports = await runParts(parts, options({ signal: interruption.signal }));
  assert.deepEqual(reports.map(({ name }) => name), ["a"]);
});

Deno.test("a part that ends because it is interrupted is not said to have failed", async () => {
  const interruption = new AbortController();
  const run = ({ signal }: RunOptions) => {
    interruption.abort();
    signal.throwIfAborted();
    return Promise.resolve(RESULT);
  };
  const reports = await runParts([part("a", run)], options({ signal: interruption.signal }));
  assert.deepEqual(reports, []);
});
