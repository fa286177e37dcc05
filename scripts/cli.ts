/**
 * The one entry of all commands: `npm run drift -- --repair` and `npx clerk-sync drift --repair` come here. What a
 * command takes is in its own file, which is loaded for it alone; here its name, Ctrl-C, the exit code and what is said
 * of errors meet.
 */
import { Command, CommanderError } from "@commander-js/extra-typings";
import { dirname } from "node:path";
import process from "node:process";
import packageJson from "../package.json" with { type: "json" };
import { type Callable, GROUPS, type Listed, wordsOf } from "./command/command.ts";
import { flow, widthOf } from "./command/terminal.ts";
import { UsageError } from "./command/usage_error.ts";
import { onStopRequest } from "./stack/stop_request.ts";

const COMMANDS: Record<string, () => Promise<{ default: Callable }>> = {
  start: () => import("./start.ts"),
  add: () => import("./add.ts"),
  simulate: () => import("./simulate.ts"),
  doctor: () => import("./doctor.ts"),
  token: () => import("./token.ts"),
  backfill: () => import("./backfill.ts"),
  drift: () => import("./drift.ts"),
  events: () => import("./events.ts"),
  replay: () => import("./replay.ts"),
  purge: () => import("./purge.ts"),
  deploy: () => import("./deploy.ts"),
  screenshot: () => import("./screenshot.ts"),
  dashboard: () => import("./dashboard.ts"),
  types: () => import("./types.ts"),
  test: () => import("./test.ts"),
  check: () => import("./check.ts"),
  converge: () => import("./converge.ts"),
};

const ROOT = dirname(import.meta.dirname!);

/** A script of the tests, from which no command imports. */
const BENCH: Listed = {
  name: "bench",
  group: "develop",
  summary: "measures how fast everything is",
};

const ABOUT = `Clerk's users, organizations and memberships in Supabase Postgres.`;

const NOTES =
  `npx clerk-sync drift --repair is npm run drift -- --repair. Each command has a --help.`;

async function main(typed: string[], signal: AbortSignal): Promise<number> {
  const isHelp = typed[0] === "help";
  const [name = "", ...argv] = isHelp ? [...typed.slice(1), "--help"] : typed;
  if (Object.hasOwn(COMMANDS, name)) {
    const { default: command } = await COMMANDS[name]!();
    return await command.start(argv, signal);
  }
  if (name === BENCH.name) return await runBench(argv, signal);
  const program = await listing();
  if (name === "") {
    console.error(program.helpInformation());
    return 2;
  }
  program.parse([name, ...argv], { from: "user" });
  return 0;
}

/** All commands, to be listed and for suggestions. */
async function listing(): Promise<Command> {
  const commands = Object.values(COMMANDS).map(async (load) => (await load()).default);
  const listed = [...await Promise.all(commands), BENCH];
  const program = new Command("clerk-sync").description(ABOUT).usage("<command> [options]")
    .version(packageJson.version, "-V, --version", "the version")
    .helpOption("-h, --help", "this text; after a command, its own").helpCommand(false)
    .exitOverride().configureOutput({ writeErr: () => {} })
    .addHelpText("after", `\n${flow(NOTES, widthOf(process.stdout))}`);
  for (const [group, heading] of Object.entries(GROUPS)) {
    for (const { name, summary } of listed.filter((each) => each.group === group)) {
      program.addCommand(new Command(name).description(summary).helpGroup(heading).usage(" "));
    }
  }
  return program;
}

/** As `npm run bench` does, which installs what benchmarks need besides. */
async function runBench(argv: string[], signal: AbortSignal): Promise<number> {
  const [command = "", ...args] = packageJson.scripts.bench.replace(/^exec /, "").split(" ");
  const child = new Deno.Command(command, { args: [...args, ...argv], cwd: ROOT }).spawn();
  signal.addEventListener("abort", () => child.kill("SIGTERM"));
  return (await child.status).code;
}

/** What is said before the end with 2: one line, or all that is known of what nobody foresaw. */
async function lastWords(error: unknown): Promise<unknown> {
  if (error instanceof UsageError) return error.message;
  if (error instanceof CommanderError) return wordsOf(error);
  const { lastWordsOf } = await import("./clerk/ending.ts");
  return lastWordsOf(error);
}

async function exitCode(argv: string[]): Promise<number> {
  const interruption = new AbortController();
  const { signal } = interruption;
  onStopRequest(() => interruption.abort());
  try {
    return await main(argv, signal);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (signal.aborted && error === signal.reason) return 130;
    console.error(await lastWords(error));
    return 2;
  }
}

Deno.exit(await exitCode(Deno.args));
