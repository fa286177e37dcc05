import assert from "node:assert/strict";
import { formatMachine, readMachine } from "./machine.ts";
import { MACHINE } from "./sample_report.ts";

Deno.test("a machine is one line, without its load, which is another at each run", () => {
  assert.equal(
    formatMachine(MACHINE),
    "2 × Quick CPU, 8 GB, Linux 6.1, Deno 2.9.6, Node 24.1.0, PostgreSQL 17.10",
  );
});

Deno.test("this machine tells all of itself", async () => {
  const machine = await readMachine();
  assert.ok(machine.cores > 0 && machine.memoryGb > 0 && machine.load >= 0);
  assert.match(machine.node, /^\d+\.\d+\.\d+$/);
  assert.match(machine.postgres, /^17\.\d+$/);
  assert.match(machine.os, /^\w+ \d+[\d.]*$/);
});
