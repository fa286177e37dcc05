/**
 * `npm run replay`: delivers bodies that one has to the webhook, signed. See --help. Here the command line, the environment,
 * the clock and the terminal meet; the rest is in replay/ and simulate/.
 */
import { dirname, join } from "node:path";
import { readStackFile } from "./command/env_file.ts";
import { UsageError } from "./command/usage_error.ts";
import { readBodies } from "./replay/bodies.ts";
import { HELP } from "./replay/help.ts";
import { meaningOf } from "./replay/meaning.ts";
import { parseOptions } from "./replay/options.ts";
import { readInput } from "./replay/read_input.ts";
import { send, signDelivery } from "./simulate/delivery.ts";
import { deliveryJson, formatLine, hintsFor } from "./simulate/format.ts";
import { run, Tally } from "./simulate/run.ts";
import { resolveTarget } from "./simulate/target.ts";
import { onStopRequest } from "./stack/stop_request.ts";

const STACK_DIR = join(dirname(import.meta.dirname!), ".stack");

async function main(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  if (!options) {
    console.log(HELP);
    return 0;
  }
  const target = resolveTarget({
    options: { url: options.url, secret: undefined },
    env: Deno.env.toObject(),
    stack: await readStackFile(options.dataDir ?? STACK_DIR),
  });
  const deliveries = readBodies(await readInput(options.file), options.id);
  console.error(`Sending to ${target.url.host}, signed with the secret of ${target.secretSource}`);
  if (options.id === null) {
    console.error(
      "Without --id under an id made from the body: an open event in the ledger stays open.",
    );
  }

  const interruption = new AbortController();
  onStopRequest(() => interruption.abort());
  const isColored = Deno.stdout.isTerminal() && !Deno.noColor;
  const tally = new Tally();
  const startedAt = performance.now();
  const ending = await run({
    plan: { total: deliveries.length, delivery: (index) => deliveries[index]! },
    concurrency: 1,
    signal: interruption.signal,
    deliver: ({ id, body }) =>
      send(signDelivery({ id, body, secret: target.secret, at: new Date() }), {
        url: target.url,
        signal: interruption.signal,
      }),
    report(result) {
      tally.add(result);
      console.log(
        options.json
          ? deliveryJson(result)
          : `${formatLine(result, isColored)}\n  ${meaningOf(result)}`,
      );
    },
  });
  const summary = tally.summary(performance.now() - startedAt);
  for (const hint of hintsFor(summary, target)) console.error(hint);
  if (ending === "interrupted") return 130;
  return summary.ok === deliveries.length ? 0 : 1;
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  Deno.exit(2);
}
