import assert from "node:assert/strict";
import { runCommand } from "../support/run_command.ts";
import { historiesOf } from "./backlog/replay.ts";
import { exitCodeOf, parseOptions, PARTS, runParts } from "./bench.ts";
import { figuresOf } from "./end_to_end/figures.ts";
import { FAMILIES, type Family, HANDLERS, type Sample } from "./end_to_end/rounds.ts";
import { percentile } from "./measuring.ts";
import {
  isReached,
  type MeasuredPart,
  type Part,
  type PartReport,
  type PartResult,
  type Report,
  type RunOptions,
} from "./part.ts";

const NAMES = Object.keys(PARTS);

Deno.test("parts that are named run once each, in their own order; without a name all do, in full", () => {
  assert.deepEqual(parseOptions(["flood", "--quick", "sql", "flood"]).parts, ["sql", "flood"]);
  const { parts, isQuick, seed, save } = parseOptions([]);
  assert.deepEqual({ parts, isQuick, seed, save }, {
    parts: NAMES,
    isQuick: false,
    seed: 1,
    save: false,
  });
  assert.equal(parseOptions(["--seed", "2147483647"]).seed, 2 ** 31 - 1);
});

const REFUSED: [argv: string[], message: RegExp][] = [
  [["sql", "7"], /no part 7[^]*sql, function[^]*npm run bench -- --seed 7/],
  [["--fast"], /--fast/],
  [["--save", "--quick"], /--save[^]*--quick/],
  ...["", "-1", "1.5", "1e3", "many", "2147483648"].map((seed): [string[], RegExp] => [
    [`--seed=${seed}`],
    /--seed is a whole number from 0/,
  ]),
];

for (const [argv, message] of REFUSED) {
  Deno.test(`bench ${argv.join(" ")} is refused, and told why`, () => {
    assert.throws(() => parseOptions(argv), { message });
  });
}

const RESULT: PartResult = { settings: { rows: 1 }, measures: [], targets: [] };

function part(name: string, run: Part["run"]): [string, () => Promise<Part>] {
  return [name, () => Promise.resolve({ title: `${name}'s title`, run })];
}

function options(given: Partial<RunOptions> = {}): RunOptions {
  return { isQuick: true, seed: 7, note: () => {}, signal: new AbortController().signal, ...given };
}

Deno.test("parts run one after the other with the options of the run, and are reported whole", async () => {
  const seen: string[] = [];
  const run = async ({ seed, isQuick, note }: RunOptions) => {
    note(`${seed} ${isQuick}`);
    await Promise.resolve();
    seen.push("end");
    return RESULT;
  };
  const parts = [part("a", run), part("b", run)];
  const reports = await runParts(parts, options({ note: (line) => seen.push(line) }));
  assert.deepEqual(seen, ["a: 7 true", "end", "b: 7 true", "end"]);
  assert.deepEqual(reports.map((report) => ({ ...report, seconds: 0 })), [
    { outcome: "measured", name: "a", title: "a's title", seconds: 0, ...RESULT },
    { outcome: "measured", name: "b", title: "b's title", seconds: 0, ...RESULT },
  ]);
});

Deno.test("a part that fails or can't be loaded is reported with its error, and the next one runs", async () => {
  const reports = await runParts([
    part("a", () => Promise.reject(new Error("no such table"))),
    ["b", () => Promise.reject(new SyntaxError("what?"))],
    part("c", () => Promise.resolve(RESULT)),
  ], options());
  assert.deepEqual(reports.slice(0, 2), [
    { outcome: "failed", name: "a", error: "Error: no such table" },
    { outcome: "failed", name: "b", error: "SyntaxError: what?" },
  ]);
  assert.equal(reports[2]?.outcome, "measured");
});

Deno.test("what is known is handed on after each part, the failed ones too, before the next begins", async () => {
  const seen: string[] = [];
  const measure = (name: string) => {
    seen.push(`${name} runs`);
    return Promise.resolve(RESULT);
  };
  await runParts(
    [
      part("a", () => measure("a")),
      part("b", () => Promise.reject(new Error("no"))),
      part("c", () => measure("c")),
    ],
    options(),
    (reports) => {
      seen.push(reports.map(({ name, outcome }) => `${name} ${outcome}`).join(", "));
      return Promise.resolve();
    },
  );
  assert.deepEqual(seen, [
    "a runs",
    "a measured",
    "a measured, b failed",
    "c runs",
    "a measured, b failed, c measured",
  ]);
});

Deno.test("a part that ends because of an interruption has not failed, and no other begins", async () => {
  for (const isCutShort of [true, false]) {
    const interruption = new AbortController();
    const last = ({ signal }: RunOptions) => {
      interruption.abort();
      if (isCutShort) signal.throwIfAborted();
      return Promise.resolve(RESULT);
    };
    const parts = [part("a", last), part("b", () => Promise.resolve(RESULT))];
    const reports = await runParts(parts, options({ signal: interruption.signal }));
    assert.deepEqual(reports.map(({ name }) => name), isCutShort ? [] : ["a"]);
  }
});

Deno.test("targets and failures decide the exit code, but for a quick run's times", () => {
  const failed: PartReport = { outcome: "failed", name: "a", error: "Error: no" };
  const measured = (...values: number[]): MeasuredPart => ({
    ...{ outcome: "measured", name: "b", title: "", seconds: 1, ...RESULT },
    targets: values.map((value) => ({ name: "time", value, limit: { atMost: 1.5 } })),
  });
  const codeOf = (parts: PartReport[], given: Partial<Report> = {}) =>
    exitCodeOf({ parts, isQuick: false, isInterrupted: false, ...given } as Report);
  assert.equal(codeOf([measured(1, 1.5)]), 0);
  assert.equal(codeOf([measured(1, 1.6), measured(1)]), 1);
  assert.equal(codeOf([measured(NaN)]), 1);
  assert.equal(codeOf([measured(1.6)], { isQuick: true }), 0);
  assert.equal(codeOf([{ ...measured(), targets: [{ name: "told", value: 1.6 }] }]), 0);
  assert.equal(codeOf([failed], { isQuick: true }), 1);
  assert.equal(codeOf([failed], { isInterrupted: true }), 130);
});

Deno.test("a percentile is one of the values, the smallest that suffices; of nothing there is none", () => {
  const percents = [0, 25, 26, 50, 95, 100];
  const values = percents.map((percent) => percentile([40, 10, 30, 20], percent));
  assert.deepEqual(values, [10, 10, 20, 20, 40, 40]);
  assert.ok(Number.isNaN(percentile([], 50)));
});

Deno.test("a backlog is as many events as are wanted, each once, and the same from the same seed", () => {
  const ids = (seed: number) =>
    [...historiesOf({ seed, events: 300, tag: "t" })].flatMap(({ order }) =>
      order.map(({ id }) => id)
    );
  assert.equal(new Set(ids(1)).size, 300);
  assert.deepEqual(ids(1), ids(1));
  assert.notDeepEqual(ids(1), ids(2));
});

/** What each handler's rounds of one condition come to: so many seconds for two events, and round trips. */
function samplesOf(condition: { networkMs: number; concurrency: number }): Sample[] {
  const seconds = { ours: 2, floor: 1, tutorial: 6, upsert: 4 };
  return [1, 2, 10].flatMap((round) =>
    HANDLERS.flatMap((handler) =>
      Object.entries(FAMILIES).map(([family, [type]]): Sample => ({
        ...condition,
        ...{ round, handler, family: family as Family, type: type! },
        seconds: seconds[handler] * round,
        ms: [10 * round, 10 * round],
        answers: {},
        roundTrips: handler === "upsert" ? 3 : 1,
        cpuMs: { gateway: 3, PostgreSQL: NaN },
      }))
    )
  );
}

const CONDITIONS = [[0, 1], [0, 8], [0, 32], [5, 1], [5, 32]] as const;

Deno.test("end-to-end rates and ratios are medians of the rounds, each beside who had the same condition", () => {
  const samples = CONDITIONS.flatMap(([networkMs, concurrency]) =>
    samplesOf({ networkMs, concurrency })
  );
  const { measures: [rates, latencies, network, trips, cpu], targets } = figuresOf(samples);
  assert.deepEqual(rates?.along, { of: "at once", numbers: [1, 8, 32] });
  const alike = (rate: number) => [rate, rate, rate];
  assert.deepEqual(rates?.groups["all events"], {
    ...{ ours: alike(0.5), floor: alike(1), tutorial: alike(1 / 6), upsert: alike(0.25) },
  });
  assert.deepEqual(latencies!.groups["all events, p50"]!.ours, [20, 20, 20]);
  assert.equal(network!.groups["memberships, 32 at once over 5 ms"]!.upsert, 0.25);
  assert.deepEqual(trips!.groups["1 at once over 5 ms"], {
    ...{ ours: 0.5, floor: 0.5, tutorial: 0.5, upsert: 1.5 },
  });
  assert.deepEqual(Object.keys(cpu!.groups), ["gateway, 32 at once"]);
  assert.equal(cpu!.groups["gateway, 32 at once"]!.ours, 1.5);
  assert.deepEqual(targets.map(({ value }) => value), [
    ...[0.5, 0.5, 0.5, 1], // beside the floor, and the median time
    ...[3, 3, 2, 2], // beside tutorial and upsert, 32 at once
    ...[3, 3, 2, 2], // the same alone over 5 ms
    0.5, // round trips
  ]);
  assert.deepEqual(targets.slice(10, 12).map(({ limit, bound }) => [limit, bound?.value]), [
    [undefined, 4],
    [undefined, 4],
  ]);
});

function bench(...args: string[]) {
  return runCommand("bench", { args });
}

Deno.test("a quick run measures, tells its targets, and prints nothing but the report", async () => {
  const names = ["function", "end-to-end", "backlog", "sync-status"];
  const { code, stdout, stderr } = await bench(...names, "--quick", "--json");
  assert.equal(code, 0, stderr);
  const { isQuick, command, machine, load, parts }: Report = JSON.parse(stdout);
  assert.equal(isQuick, true);
  assert.equal(command, `npm run bench -- ${names.join(" ")} --quick --json`);
  assert.match(machine, /^\d+ × .+, \d+ GB, \w+ [\d.]+, Deno .+, Node [\d.]+, PostgreSQL 17\.\d+$/);
  assert.ok(load >= 0);
  assert.deepEqual(parts.map((part) => part.name), names);
  for (const part of parts) {
    assert.ok(part.outcome === "measured", stderr);
    assert.ok(part.title.length > 0 && Object.keys(part.settings).length > 0);
    const groups = part.measures.flatMap(({ groups }) => Object.values(groups));
    const numbers = groups.flatMap((values) => Object.values(values).flat());
    assert.ok(numbers.length > 0 && numbers.every(Number.isFinite), stdout);
    assert.ok(part.targets.every(({ value }) => Number.isFinite(value)), stdout);
    // Whatever is slow here, nothing is wrong: each row and answer is what it must be.
    const wrong = part.targets.filter(({ limit }) =>
      limit && "atMost" in limit && limit.atMost === 0
    );
    assert.deepEqual(wrong.filter((target) => !isReached(target)), []);
  }
});

Deno.test("a run that is interrupted ends with 130, and tells what it had measured", async () => {
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `${import.meta.dirname}/bench.ts`, "function", "--json"],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdout = new Response(child.stdout).text();
  let stderr = "";
  let isTold = false;
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    stderr += text;
    if (!isTold && stderr.includes("function: ")) {
      child.kill("SIGINT");
      isTold = true;
    }
  }
  assert.equal((await child.status).code, 130, stderr);
  const { isInterrupted, parts }: Report = JSON.parse(await stdout);
  assert.equal(isInterrupted, true);
  assert.deepEqual(parts, []);
});

Deno.test("--help names every part in 80 columns, and starts nothing", async () => {
  const { code, stdout, stderr } = await bench("--help");
  assert.equal(code, 0);
  assert.equal(stderr, "");
  for (const name of NAMES) assert.ok(stdout.includes(`\n  ${name}\n`), name);
  for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
});

Deno.test("wrong usage ends with 2, and says why on stderr alone", async () => {
  const { code, stdout, stderr } = await bench("nothing");
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /^There is no part nothing\./);
});
