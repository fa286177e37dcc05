/** Every command of package.json, so that the next one can't forget. */
import assert from "node:assert/strict";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };

const ROOT = join(import.meta.dirname!, "..", "..");

/** Runs a command with what it may read alone: it can't write, connect or start anything. */
async function run(script: string, argument: string) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--allow-env", "--allow-sys", "--no-prompt", script, argument],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

for (const [name, command] of Object.entries(packageJson.scripts)) {
  const called = ["start", "test"].includes(name) ? `npm ${name}` : `npm run ${name}`;

  Deno.test(`${called} -- --help prints how it is called, and does nothing else`, async () => {
    const [, script] = /^exec node scripts\/deno\.mjs run -A (\S+)$/.exec(command) ?? [];
    assert.ok(script, command);
    const { code, stdout, stderr } = await run(script, "--help");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.ok(stdout.includes(called) && stdout.includes("--help"), stdout);
  });

  Deno.test(`${called} with an option that it does not have ends with 2, and does nothing`, async () => {
    const { code, stdout, stderr } = await run(command.split(" ").at(-1)!, "--no-such-option");
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /--no-such-option/);
  });
}
