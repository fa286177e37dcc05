/** `npm run check`: format, lint, strict types, and the Supabase CLI's database advisors on our migrations. */
import { join } from "node:path";
import { onStopRequest } from "./stack/stop_request.ts";
import { startTemporaryStack } from "./temporary_stack.ts";

const SUPABASE = join(import.meta.dirname!, "..", "node_modules", ".bin", "supabase");

// Ctrl-C ends the step that is running, and then the stack as at any end.
onStopRequest(() => {});
const passed = await step("format", Deno.execPath(), ["fmt", "--check", "--quiet"]) &&
  await step("lint", Deno.execPath(), ["lint", "--quiet"]) &&
  await step("types", Deno.execPath(), ["check", "--quiet", "scripts", "supabase", "tests"]) &&
  await advisors();
Deno.exit(passed ? 0 : 1);

async function advisors(): Promise<boolean> {
  await using stack = await startTemporaryStack();
  const target = `--remote=${stack.env.DB_URL}`;
  return await step("advisors", SUPABASE, [
    "db",
    "advisors",
    target,
    "--level=warn",
    "--fail-on=warn",
  ]);
}

/** Runs a command, whose output is shown only when it fails. */
async function step(name: string, command: string, args: string[]): Promise<boolean> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args }).output();
  console.log(`${name.padEnd(10)}${success ? "ok" : "failed"}`);
  if (!success) {
    await Deno.stderr.write(stdout);
    await Deno.stderr.write(stderr);
  }
  return success;
}
