/**
 * `npm run bench`: measures how fast everything is, beside what it is compared with. See --help. Here the command line, the
 * parts and the terminal meet; the rest is in command/.
 */
import { join } from "node:path";
import { UsageError } from "../../scripts/command/usage_error.ts";
import { onStopRequest } from "../../scripts/stack/stop_request.ts";
import { formatReport } from "./command/format.ts";
import { help } from "./command/help.ts";
import { readMachine } from "./command/machine.ts";
import { parseOptions } from "./command/options.ts";
import { exitCodeOf, type Report } from "./command/report.ts";
import { runParts } from "./command/run_parts.ts";
import { PARTS } from "./parts.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const NAMES = Object.keys(PARTS);

async function main(argv: string[]): Promise<number> {
  const { parts, isQuick, seed, ...options } = parseOptions(argv, NAMES);
  if (options.help) {
    console.log(help(NAMES));
    return 0;
  }
  const interruption = new AbortController();
  onStopRequest(() => interruption.abort());
  const { signal } = interruption;

  const date = new Date().toISOString();
  const machine = await readMachine();
  const report: Report = {
    date,
    command: ["npm run bench", ...(argv.length > 0 ? ["--", ...argv] : [])].join(" "),
    machine,
    isQuick,
    seed,
    parts: await runParts(
      Object.entries(PARTS).filter(([name]) => parts.includes(name)),
      { isQuick, seed, signal, note: console.error },
    ),
    isInterrupted: signal.aborted,
  };
  console.log(options.json ? JSON.stringify(report) : formatReport(report));
  if (options.save && !report.isInterrupted) await saveReport(report);
  return exitCodeOf(report);
}

/** The charts' library is loaded for this alone. */
async function saveReport(report: Report): Promise<void> {
  const { save } = await import("./command/save.ts");
  console.error(`saved in ${(await save(ROOT, report, NAMES)).join(", ")}`);
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  Deno.exit(2);
}
