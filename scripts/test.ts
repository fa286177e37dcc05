/**
 * `npm test`: starts a stack of its own, runs all tests against it, or those under the paths given, and ends with the line
 * `N passed, N failed`.
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

const paths = readArguments(Deno.args, HELP, Infinity);
if (paths.length === 0) paths.push("tests");

console.log("starting a stack for the tests …");
const stack = await startTemporaryStack();
const report = await Deno.makeTempFile({ suffix: ".xml" });
const tests = new Deno.Command(Deno.execPath(), {
  args: ["test", "--allow-all", "--no-check", `--junit-path=${report}`, ...paths],
  env: { ...stack.env, SUPERUSER_URL: stack.superuserUrl, ...registry },
}).spawn();
// Ctrl-C ends the tests, and then the stack as at any end.
onStopRequest(() => tests.kill("SIGINT"));
const { success } = await tests.status;

const counts = count(await Deno.readTextFile(report));
await Deno.remove(report);
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
await stack[Symbol.asyncDispose]();
Deno.exit(success ? 0 : 1);

/** Counts the cases of a JUnit report: tests and their steps. */
function count(junit: string): { passed: number; failed: number; skipped: number } {
  const all = junit.match(/<testcase\b/g)?.length ?? 0;
  const failed = junit.match(/<(failure|error)\b/g)?.length ?? 0;
  const skipped = junit.match(/<skipped\b/g)?.length ?? 0;
  return { passed: all - failed - skipped, failed, skipped };
}
