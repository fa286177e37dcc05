import { defineCommand } from "./command/command.ts";
import { startTemporaryStack } from "./temporary_stack.ts";

/** Where nobody listens: what tests need is in package-lock.json. Those that are about the registry get its address. */
const REGISTRY = {
  NPM_CONFIG_REGISTRY: "http://127.0.0.1:9",
  TEST_REGISTRY: Deno.env.get("NPM_CONFIG_REGISTRY") ?? "",
};

/** As many as keep two cores busy. */
const RUNNERS = 2;

/** Folders that take long, the longest first: nobody waits for one that was begun last. */
const LONG = [
  "drift",
  "backfill",
  "stack",
  "convergence",
  "database",
  "edge_runtime",
  "benchmarks",
  "dashboard",
  "integration",
];

/** What most changes need: the rules, the functions, and what is quick anyhow. */
const QUICK = ["database", "functions", "clerk_api", "docs", "events", "purge", "replay", "token"];

/** How the tests of some paths ended. */
interface Ended {
  success: boolean;
  counts: { passed: number; failed: number; skipped: number };
  /** One line each. */
  failures: string[];
}

export default defineCommand({
  name: "test",
  group: "develop",
  summary: "all tests, or those under the paths that are named",
  description:
    `Runs all tests, or those under the paths, and ends with the line "N passed, N failed", above which each failure
has a line. Two runners, each with a stack of its own, take one folder after another.`,
  examples: [
    ["", "all of them"],
    ["tests/functions tests/simulate", "those of two folders"],
    ["--quick", "npm run test:quick, two minutes"],
  ],
  options: (command) =>
    command.argument("[paths...]", "folders or files of tests")
      .option("--quick", "the rules, the functions, and what is quick anyhow", false),
  notes: `Exit code: 0 all passed, 1 some failed, 2 wrong usage, 130 interrupted.`,
  async run({ quick }, { args: [paths], signal }) {
    const queue = paths.length > 0 ? [paths] : folders(quick).map((folder) => [folder]);
    const isAlone = queue.length === 1;
    console.log("starting stacks for the tests …");
    const runners = Array.from(
      { length: Math.min(RUNNERS, queue.length) },
      () => work(queue, isAlone, signal),
    );
    const all = (await Promise.all(runners)).flat();
    if (signal.aborted) return 130;
    for (const failure of all.flatMap(({ failures }) => failures)) {
      console.log(`failed: ${failure}`);
    }
    const sum = (what: keyof Ended["counts"]) =>
      all.reduce((sum, { counts }) => sum + counts[what], 0);
    const skipped = sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : "";
    console.log(`${sum("passed")} passed, ${sum("failed")} failed${skipped}`);
    return all.every(({ success }) => success) ? 0 : 1;
  },
});

/** All folders with tests, the longest first. */
function folders(isQuick: boolean): string[] {
  const place = (name: string) => (LONG.indexOf(name) + LONG.length + 1) % (LONG.length + 1);
  return [...Deno.readDirSync("tests")].map(({ name }) => name)
    .filter((name) => isQuick ? QUICK.includes(name) : hasTests(`tests/${name}`))
    .sort((a, b) => place(a) - place(b))
    .map((name) => `tests/${name}`);
}

function hasTests(path: string): boolean {
  if (!Deno.statSync(path).isDirectory) return path.endsWith("_test.ts");
  return [...Deno.readDirSync(path)].some(({ name }) => hasTests(`${path}/${name}`));
}

/** Takes one folder after another, on one stack. */
async function work(queue: string[][], isAlone: boolean, signal: AbortSignal): Promise<Ended[]> {
  await using stack = await startTemporaryStack();
  const env = { ...stack.env, SUPERUSER_URL: stack.superuserUrl, ...REGISTRY };
  const ended: Ended[] = [];
  for (let paths = queue.shift(); paths && !signal.aborted; paths = queue.shift()) {
    ended.push(await run(paths, env, { isSeen: isAlone, signal }));
  }
  return ended;
}

/** What is not seen as it comes is printed whole at the end: lines of two folders among each other would say nothing. */
async function run(
  paths: string[],
  env: Record<string, string>,
  { isSeen, signal }: { isSeen: boolean; signal: AbortSignal },
): Promise<Ended> {
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  const tests = new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--no-check", `--junit-path=${report}`, ...paths],
    env,
    stdout: isSeen ? "inherit" : "piped",
    stderr: "inherit",
  }).spawn();
  const end = () => tests.kill("SIGINT");
  signal.addEventListener("abort", end);
  const output = isSeen ? new Uint8Array() : await new Response(tests.stdout).bytes();
  const { success } = await tests.status;
  signal.removeEventListener("abort", end);
  await new Blob([output.slice()]).stream().pipeTo(Deno.stdout.writable, { preventClose: true });
  const junit = await Deno.readTextFile(report);
  await Deno.remove(report);
  const counts = count(junit);
  const failures = failuresIn(junit);
  if (!success && failures.length === 0) {
    counts.failed++;
    failures.push(`${paths.join(" ")}: ended before its tests did, as is said above`);
  }
  return { success, counts, failures };
}

/** Counts the cases of a JUnit report: tests and their steps. */
function count(junit: string): Ended["counts"] {
  const all = junit.match(/<testcase\b/g)?.length ?? 0;
  const failed = junit.match(/<(failure|error)\b/g)?.length ?? 0;
  const skipped = junit.match(/<skipped\b/g)?.length ?? 0;
  return { passed: all - failed - skipped, failed, skipped };
}

/** The failed cases of a JUnit report, by file, name and message: what is told at the end needs no search for it. */
function failuresIn(junit: string): string[] {
  const cases = junit.matchAll(
    /<testcase name="([^"]*)" classname="([^"]*)"[^>]*>\s*<(?:failure|error) message="([^"]*)"/g,
  );
  const text = (xml: string) =>
    xml.replaceAll("&quot;", '"').replaceAll("&apos;", "'").replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">").replaceAll("&amp;", "&").split("\n")[0]!;
  return [...cases].map(([, name, file, message]) =>
    [file, name, message].map((part) => text(part!)).join(": ")
  );
}
