/**
 * How fast a backfill is, and how much memory it takes: Clerk's stand-in, the stack and the command in processes of their
 * own, the command twice.
 *
 *   node scripts/deno.mjs run -A tests/benchmarks/backfill.ts [--users N] [--organizations N] [--memberships N]
 */
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatReport } from "../../scripts/backfill/format.ts";
import { KIND_NAMES } from "../../scripts/clerk/kinds.ts";
import type { Report } from "../../scripts/backfill/report.ts";
import type { Stack } from "../../scripts/stack/stack.ts";
import { startTemporaryStack } from "../../scripts/temporary_stack.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

/** More than Clerk allows: it is the project's side that is measured. */
const RATE = 10_000;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    users: { type: "string", default: "200000" },
    organizations: { type: "string", default: "20000" },
    memberships: { type: "string", default: "400000" },
    rate: { type: "string", default: String(RATE) },
  },
});

await using stack = await startTemporaryStack();
const { rate, ...sizes } = values;
const clerk = await startClerk(sizes);
try {
  console.log(`${cpus().length} × ${cpus()[0]?.model}, Deno ${Deno.version.deno}`);
  for (const run of ["first run", "second run"]) {
    console.log(`\n${run}`);
    const { report, peakMb } = await backfill(clerk, stack);
    const rows = KIND_NAMES.reduce((sum, name) => sum + report[name].read, 0);
    const applied = KIND_NAMES.reduce((sum, name) => sum + report[name].applied, 0);
    console.log(formatReport(report));
    console.log(
      `${rows} rows, ${
        Math.round(rows / report.seconds)
      } rows/s, ${applied} applied, VmHWM ${peakMb} MB`,
    );
  }
} finally {
  clerk.stop();
}

interface Clerk {
  url: string;
  secretKey: string;
  stop(): void;
}

async function startClerk(sizes: Record<string, string>): Promise<Clerk> {
  const args = Object.entries(sizes).map(([name, value]) => `--${name}=${value}`);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", join(ROOT, "tests", "clerk_api", "serve.ts"), ...args],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const { url, secretKey } = JSON.parse(new TextDecoder().decode(value));
  return { url, secretKey, stop: () => child.kill("SIGTERM") };
}

/** Runs the command, and returns what it reported, and its peak memory as the kernel saw it. */
async function backfill({ url, secretKey }: Clerk, { env }: Stack) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", join(ROOT, "scripts", "backfill.ts"), "--json", `--rate=${rate}`],
    env: {
      CLERK_SECRET_KEY: secretKey,
      CLERK_API_URL: url,
      CLERK_INSTANCE_ID: "",
      SUPABASE_URL: env.API_URL,
      SUPABASE_SECRET_KEY: env.SECRET_KEY,
    },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let peakMb = 0;
  const timer = setInterval(() => peakMb = Math.max(peakMb, readPeakMb(child.pid)), 100);
  const { stdout } = await child.output();
  clearInterval(timer);
  return { report: JSON.parse(new TextDecoder().decode(stdout)) as Report, peakMb };
}

/** 0 where there is no /proc, or no such process any more. */
function readPeakMb(pid: number): number {
  try {
    const [, kb] = /VmHWM:\s+(\d+) kB/.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
    return Math.round(Number(kb ?? 0) / 1024);
  } catch {
    return 0;
  }
}
