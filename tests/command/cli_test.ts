/** What all commands have in common, so that the next one can't forget. */
import assert from "node:assert/strict";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { commandLine } from "../support/run_command.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

/** Runs a command with what it may read alone: it can't write, connect or start anything. */
async function run(args: string[], command = Deno.execPath()) {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: args.flatMap((arg) =>
      arg === "-A" ? ["--allow-read", "--allow-env", "--allow-sys", "--no-prompt"] : arg
    ),
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** But for test:quick, which is test with an option. */
const names = (Object.keys(packageJson.scripts) as (keyof typeof packageJson.scripts)[])
  .filter((name) => name !== "test:quick");
const cli = (...args: string[]) => run([...commandLine("purge").slice(0, -1), ...args]);

/** Whether it parses its command line by itself. */
const isOwnScript = (name: typeof names[number]) => !packageJson.scripts[name].includes("cli.ts");

for (const name of names) {
  const called = ["start", "test"].includes(name) ? `npm ${name}` : `npm run ${name}`;

  Deno.test(`${called} -- --help prints how it is called, and does nothing else`, async () => {
    const { code, stdout, stderr } = await run([...commandLine(name), "--help"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.ok(stdout.includes(called) && stdout.includes("--help"), stdout);
    if (!isOwnScript(name)) {
      assert.deepEqual(stdout.split("\n").filter((line) => line.length > 80), []);
    }
  });

  Deno.test(`${called} with an option that it does not have ends with 2, and does nothing`, async () => {
    const { code, stdout, stderr } = await run([...commandLine(name), "--no-such-option"]);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /--no-such-option/);
  });
}

/** The packages that a folder's modules import when they are loaded. */
function packagesOf(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return packagesOf(path);
    if (!name.endsWith(".ts")) return [];
    const imports = Deno.readTextFileSync(path).matchAll(
      / from "((?:@[^"/]+\/)?[^"./:]+)[^":]*";/g,
    );
    return [...imports].map(([, packageName]) => packageName!);
  });
}

Deno.test("what commands import is there in a clone that was only started: no devDependency", () => {
  const imported = packagesOf(join(ROOT, "scripts"));
  assert.ok(imported.includes("postgres") && imported.includes("@commander-js/extra-typings"));
  // scripts/deno.mjs installs it for deploy.
  const missing = imported.filter((name) => !(name in packageJson.dependencies));
  assert.deepEqual(missing, ["esbuild"]);
});

Deno.test("clerk-sync --help lists every command of package.json in its group", async () => {
  const { code, stdout } = await cli("--help");
  assert.equal(code, 0);
  for (const name of names) {
    assert.match(stdout, new RegExp(`^  ${name} +[a-z]`, "m"));
  }
  assert.match(stdout, /^Operate:$.*^Develop:$/ms);
});

Deno.test("clerk-sync help, with and without a command, is its --help", async () => {
  assert.deepEqual(await cli("help"), await cli("--help"));
  assert.deepEqual(await cli("help", "purge"), await cli("purge", "--help"));
});

Deno.test("clerk-sync without a command, or with one that it lacks, ends with 2 and says which there are", async () => {
  const none = await cli();
  assert.deepEqual([none.code, none.stdout], [2, ""]);
  assert.match(none.stderr, /^Usage: clerk-sync <command>/);
  const wrong = await cli("purg");
  assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
  assert.equal(wrong.stderr, "Unknown command 'purg' (Did you mean purge?)\n");
});

Deno.test("npx clerk-sync purge is npm run purge", async () => {
  const bin = join(ROOT, packageJson.bin["clerk-sync"]);
  const { code, stderr } = await run([bin, "purge", "--batch", "0"], "node");
  assert.deepEqual([code, stderr], [2, "--batch is a whole number from 1 to 100000.\n"]);
});
