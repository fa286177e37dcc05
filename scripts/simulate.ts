/**
 * `npm run simulate`: sends Svix-signed Clerk events to the webhook, the way Clerk does. See --help.
 * Here the command line, the environment, the clock and the terminal meet; the rest is in simulate/.
 */
import { dirname, join } from "node:path";
import { readStackFile } from "./command/env_file.ts";
import { UsageError } from "./command/usage_error.ts";
import { send, signDelivery } from "./simulate/delivery.ts";
import {
  deliveryJson,
  formatLine,
  formatSummary,
  hintsFor,
  summaryJson,
} from "./simulate/format.ts";
import { HELP } from "./simulate/help.ts";
import { type Options, parseOptions, type Selection } from "./simulate/options.ts";
import { type Content, planDeliveries } from "./simulate/plan.ts";
import { NO_BAR, startBar, wantsBar } from "./simulate/progress.ts";
import { run, Tally } from "./simulate/run.ts";
import { resolveTarget } from "./simulate/target.ts";

const STACK_DIR = join(dirname(import.meta.dirname!), ".stack");

async function main(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const target = resolveTarget({
    options,
    env: Deno.env.toObject(),
    stack: await readStackFile(options.dataDir ?? STACK_DIR),
  });
  const instanceId = Deno.env.get("CLERK_INSTANCE_ID");
  const seed = options.seed ?? crypto.randomUUID().replaceAll("-", "").slice(0, 12);
  const plan = planDeliveries({
    content: await readContent(options.selection),
    repeat: options.repeat,
    duplicates: options.duplicates,
    shuffle: options.shuffle,
    seed,
    startedAt: Date.now(),
    ...(instanceId && { instanceId }),
  });
  console.error(`Sending to ${target.url.host}, signed with the secret of ${target.secretSource}`);

  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  Deno.addSignalListener("SIGINT", interrupt);

  const output = outputFor(options, plan.total);
  const tally = new Tally();
  const startedAt = performance.now();
  const ending = await run({
    plan,
    concurrency: options.concurrency,
    signal: interruption.signal,
    deliver: ({ id, body }) =>
      send(signDelivery({ id, body, secret: target.secret, at: new Date() }), {
        url: target.url,
        signal: interruption.signal,
      }),
    report(result) {
      tally.add(result);
      output.bar.step(result.ok);
      if (result.ok && output.isQuiet) return;
      output.bar.aside(() =>
        console.log(options.json ? deliveryJson(result) : formatLine(result, output.isColored))
      );
    },
  });
  const summary = tally.summary(performance.now() - startedAt);
  output.bar.stop();
  Deno.removeSignalListener("SIGINT", interrupt);

  const isInterrupted = ending === "interrupted";
  const end = { planned: plan.total, seed, interrupted: isInterrupted };
  if (options.json) console.log(summaryJson(summary, end));
  else if (ending !== "nothing_there") console.log(`\n${formatSummary(summary, end)}`);
  for (const hint of hintsFor(summary, target)) console.error(hint);
  if (isInterrupted) return 130;
  return summary.failed > 0 ? 1 : 0;
}

async function readContent(selection: Selection): Promise<Content> {
  if (selection.kind !== "file") return selection;
  const { path } = selection;
  try {
    const body = path === "-"
      ? new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer())
      : await Deno.readFile(path);
    return { kind: "body", body };
  } catch (error) {
    throw new UsageError(`--file cannot be read: ${(error as Error).message}`);
  }
}

/** A long run that someone watches gets a bar; then only failures are lines, unless stdout is kept elsewhere. */
function outputFor({ json }: Options, total: number) {
  const isStdoutTerminal = Deno.stdout.isTerminal();
  const hasBar = wantsBar(total, Deno.stderr.isTerminal()) && !(json && isStdoutTerminal);
  return {
    bar: hasBar ? startBar(total) : NO_BAR,
    isQuiet: hasBar && isStdoutTerminal,
    isColored: isStdoutTerminal && !Deno.noColor,
  };
}

try {
  Deno.exitCode = await main(Deno.args);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  Deno.exitCode = 2;
}
