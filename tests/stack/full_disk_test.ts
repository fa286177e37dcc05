import { equal, ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { eventually } from "./eventually.ts";
import { start, temporaryProject } from "./project.ts";

/** Makes a disk of that size of a folder; false where this user or machine can't. */
function mount(folder: string, size: string): boolean {
  return Deno.uid() === 0 && Deno.build.os === "linux" &&
    run("mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder);
}

function run(command: string, ...args: string[]): boolean {
  return new Deno.Command(command, { args, stdout: "null", stderr: "null" }).outputSync().success;
}

function canMount(): boolean {
  const folder = Deno.makeTempDirSync();
  const can = mount(folder, "64k");
  if (can) run("umount", folder);
  Deno.removeSync(folder);
  return can;
}

Deno.test({
  name: "a stack whose logs have filled the disk serves on, says so once, and stops as always",
  ignore: !canMount(),
  fn: async () => {
    using project = temporaryProject();
    const logs = join(project.dataDir, "logs");
    Deno.mkdirSync(logs, { recursive: true });
    Deno.writeTextFileSync(join(project.dataDir, "stack.lock"), "");
    ok(mount(logs, "256k"));
    try {
      await using stack = await start(project);
      const echo = `${stack.env.API_URL}/functions/v1/echo`;
      const fill = () => fetch(`${echo}/log`, { method: "POST", body: "x".repeat(100_000) });
      const told = () => stack.said.filter((line) => line.includes("can't be written"));
      await eventually("the disk is full", async () => {
        equal((await fill()).status, 200);
        return told().length > 0;
      });
      for (let more = 0; more < 3; more++) equal((await fill()).status, 200);

      const sql = postgres(stack.env.DB_URL, { max: 1, onnotice: () => {} });
      await sql`select no_such_column`.catch(() => {});
      equal((await sql`select 1 as one`)[0]!.one, 1);
      await sql.end();
      const headers = { apikey: stack.env.SECRET_KEY };
      equal((await fetch(`${stack.env.API_URL}/rest/v1/rpc/who`, { headers })).status, 200);
      equal(told().length, 1);
      await stack.stop();
      equal(existsSync(join(project.dataDir, "postgres", "postmaster.pid")), false);
    } finally {
      run("umount", "--lazy", logs);
    }
  },
});
