import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { readFlags } from "../../scripts/stack/flags.ts";

Deno.test("flags that are not given are left to config.toml", () => {
  deepEqual(readFlags([]), {});
});

Deno.test("all flags are read", () => {
  const ports = ["--api-port", "0", "--db-port=65535", "--dashboard-port=8080"];
  const expected = { apiPort: 0, dbPort: 65535, dashboardPort: 8080, dataDir: "x", fresh: true };
  deepEqual(readFlags([...ports, "--data-dir", "x", "--fresh"]), expected);
});

for (const args of [["--nope"], ["--api-port", "65536"], ["--db-port", "x"], ["left over"]]) {
  Deno.test(`npm start -- ${args.join(" ")} ends with code 2 and the usage`, async () => {
    const { code, stderr } = await runStart(args);
    equal(code, 2);
    match(stderr, /--data-dir/);
  });
}

async function runStart(args: string[]): Promise<{ code: number; stderr: string }> {
  const program = join(import.meta.dirname!, "..", "..", "scripts", "start.ts");
  const command = new Deno.Command(Deno.execPath(), { args: ["run", "-A", program, ...args] });
  const { code, stderr } = await command.output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}
