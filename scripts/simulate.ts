import process from "node:process";
import { defineCommand } from "./command/command.ts";
import { readStackFile } from "./command/env_file.ts";
import { stackOption, wholeNumber } from "./command/options.ts";
import { widthOf } from "./command/terminal.ts";
import { send, signDelivery } from "./simulate/delivery.ts";
import {
  deliveryJson,
  formatLine,
  formatSummary,
  hintsFor,
  placesToLook,
  summaryJson,
} from "./simulate/format.ts";
import { planDeliveries } from "./simulate/plan.ts";
import { NO_BAR, startBar, wantsBar } from "./simulate/progress.ts";
import { run, Tally } from "./simulate/run.ts";
import { SAMPLE_TYPES, STORY_TYPES } from "./simulate/samples.ts";
import { MAX_DELIVERIES, readContent, select } from "./simulate/selection.ts";
import { resolveTarget } from "./simulate/target.ts";

const NONE: string[] = [];
const several = (text: string, before: string[]) => [...before, text];
const count = (name: string, least: number) => wholeNumber(name, least, MAX_DELIVERIES);
const rare = SAMPLE_TYPES.filter((type) => !STORY_TYPES.includes(type)).join(", ");

export default defineCommand({
  name: "simulate",
  group: "start",
  summary: "sends signed Clerk events to the webhook, as Clerk does",
  description: "Sends Svix-signed Clerk events to the webhook, the way Clerk does.",
  examples: [
    ["", "one story, of twelve sample events"],
    ["--type user.created,user.updated", "two of them, of one user"],
    [`--type user.created --data '{"id":"user_1"}'`, "data of your own"],
    ["--repeat 100 --duplicates 2 --shuffle --concurrency 20", "in disorder"],
  ],
  options: (command) =>
    stackOption(command)
      .option("--type <type>", "samples in this order; repeat it or use commas", several, NONE)
      .option("--data <json>", "the event's data; needs one --type, which may be any")
      .option("--file <path>", "a whole body, sent byte for byte; - reads standard input")
      .option("--repeat <n>", "so often; samples differ each time", count("repeat", 1), 1)
      .option("--duplicates <n>", "each so often again, signed anew", count("duplicates", 0), 0)
      .option("--shuffle", "all deliveries in random order", false)
      .option("--seed <text>", "of an earlier run, for the same ids, names and order")
      // More measures the sender, not the function.
      .option("--concurrency <n>", "in flight at once", wholeNumber("concurrency", 1, 200), 1)
      .option("--url <url>", "else WEBHOOK_URL, else the local stack")
      .option("--secret <secret>", "else CLERK_WEBHOOK_SECRET, else the local stack")
      .option("--json", "one JSON object a line: each delivery, then the summary", false),
  notes: `The URL of a deployed function:
  https://<project ref>.supabase.co/functions/v1/clerk-webhook
Where CLERK_INSTANCE_ID is set it is the instance of the events. A delivery fails like at Svix: no answer
within 15 s, or any other status than 2xx, redirects too. Everybody on this machine can read an
option in the list of processes: for a deployed function set the variable of the secret. An earlier
run's events, sent to the same database again, are duplicates.

Samples: ${STORY_TYPES.join(", ")}; and only with --type ${rare}.

Exit code: 0 every answer was 2xx, 1 one was not, 2 wrong usage, 130 interrupted.`,
  async run(options, { signal }) {
    const { json, repeat, duplicates, shuffle, concurrency } = options;
    const { url, secret } = options;
    const content = await readContent(select(options));
    const stack = await readStackFile(options.dataDir);
    const env = Deno.env.toObject();
    const target = resolveTarget({ options: { url, secret }, env, stack });
    const seed = options.seed ?? crypto.randomUUID().replaceAll("-", "").slice(0, 12);
    const plan = planDeliveries({
      ...{ content, repeat, duplicates, shuffle, seed },
      startedAt: Date.now(),
      now: Date.now,
      ...(env.CLERK_INSTANCE_ID && { instanceId: env.CLERK_INSTANCE_ID }),
    });
    console.error(
      `Sending to ${target.url.host}, signed with the secret of ${target.secretSource}`,
    );

    const output = outputFor(json, plan.total);
    const tally = new Tally();
    const startedAt = performance.now();
    const ending = await run({
      plan,
      concurrency,
      signal,
      deliver: ({ id, body }) =>
        send(signDelivery({ id, body, secret: target.secret, at: new Date() }), {
          url: target.url,
          signal,
        }),
      report(result) {
        tally.add(result);
        output.bar.step(result.ok);
        if (result.ok && output.isQuiet) return;
        output.bar.aside(() =>
          console.log(
            json ? deliveryJson(result) : formatLine(result, output.isColored, output.width),
          )
        );
      },
    });
    const summary = tally.summary(performance.now() - startedAt);
    output.bar.stop();

    const isInterrupted = ending === "interrupted";
    const end = { planned: plan.total, seed, interrupted: isInterrupted };
    if (json) console.log(summaryJson(summary, end));
    else if (ending !== "nothing_there") console.log(`\n${formatSummary(summary, end)}`);
    for (const hint of hintsFor(summary, target)) console.error(hint);
    if (!json && summary.ok > 0) {
      for (const line of placesToLook(target, stack)) console.log(line);
    }
    if (isInterrupted) return 130;
    return summary.failed > 0 ? 1 : 0;
  },
});

/** A long run that someone watches gets a bar; then only failures are lines, unless stdout is kept elsewhere. */
function outputFor(json: boolean, total: number) {
  const isStdoutTerminal = Deno.stdout.isTerminal();
  const hasBar = wantsBar(total, Deno.stderr.isTerminal()) && !(json && isStdoutTerminal);
  return {
    bar: hasBar ? startBar(total) : NO_BAR,
    isQuiet: hasBar && isStdoutTerminal,
    isColored: isStdoutTerminal && !Deno.noColor,
    width: isStdoutTerminal ? widthOf(process.stdout) : Infinity,
  };
}
