/**
 * `npm test`: starts a stack of its own, runs all tests against it, or those under the paths given, and ends with the line
 * `N passed, N failed`, above which each failure has a line. All tests are run in two halves at once, each on a stack of its own.
 */
import { readArguments } from "./command/read_arguments.ts";
import { onStopRequest } from "./stack/stop_request.ts";
import { startTemporaryStack } from "./temporary_stack.ts";

/** Where nobody listens: what tests need is in package-lock.json. Those that are about the registry get its address. */
const registry = {
  NPM_CONFIG_REGISTRY: "http://127.0.0.1:9",
  TEST_REGISTRY: Deno.env.get("NPM_CONFIG_REGISTRY") ?? "",
};

const HELP = `npm test [-- path …]     all tests, or those under the paths, on a stack of their own

  npm test -- tests/functions tests/simulate

  --help`;

/** What takes about half of the time. */
const HALF = ["benchmarks", "database", "drift", "edge_runtime"];

/** How the tests under some paths ended. */
interface Ended {
  success: boolean;
  counts: { passed: number; failed: number; skipped: number };
  /** One line each. */
  failures: string[];
  /** What they printed, unless it was seen as it came. */
  output: Uint8Array;
}

const paths = readArguments(Deno.args, HELP, Infinity);
const shares = paths.length > 0 ? [paths] : halves();
const stop = new AbortController();
// Ctrl-C ends the tests, and then the stacks as at any end.
onStopRequest(() => stop.abort());

console.log("starting a stack for the tests …");
const runs = shares.map((share, index) => run(share, index === 0));
const total = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
let success = true;
for (const ended of runs) {
  const { output, counts, success: isWhole, failures: ofShare } = await ended;
  failures.push(...ofShare);
  await new Blob([output.slice()]).stream().pipeTo(Deno.stdout.writable, { preventClose: true });
  success &&= isWhole;
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}
for (const failure of failures) console.log(`failed: ${failure}`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
Deno.exit(success ? 0 : 1);

/** All folders with tests, in two lists. */
function halves(): string[][] {
  const folders = [...Deno.readDirSync("tests")].filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => name).sort();
  const half = folders.filter((name) => HALF.includes(name));
  const rest = folders.filter((name) => !HALF.includes(name));
  return [half, rest].map((names) => names.map((name) => `tests/${name}`));
}

/** Runs tests on a stack of their own. */
async function run(paths: string[], isSeen: boolean): Promise<Ended> {
  await using stack = await startTemporaryStack();
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  const tests = new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--no-check", `--junit-path=${report}`, ...paths],
    env: { ...stack.env, SUPERUSER_URL: stack.superuserUrl, ...registry },
    stdout: isSeen ? "inherit" : "piped",
    stderr: "inherit",
  }).spawn();
  const end = () => tests.kill("SIGINT");
  stop.signal.addEventListener("abort", end);
  const output = isSeen ? new Uint8Array() : await new Response(tests.stdout).bytes();
  const { success } = await tests.status;
  stop.signal.removeEventListener("abort", end);
  const junit = await Deno.readTextFile(report);
  await Deno.remove(report);
  return { success, counts: count(junit), failures: failuresIn(junit), output };
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
