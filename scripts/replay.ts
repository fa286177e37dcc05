import { defineCommand } from "./command/command.ts";
import { readStackFile } from "./command/env_file.ts";
import { stackOption } from "./command/options.ts";
import { UsageError } from "./command/usage_error.ts";
import { readBodies, readInput } from "./replay/bodies.ts";
import { send, signDelivery } from "./simulate/delivery.ts";
import { deliveryJson, formatLine } from "./simulate/format.ts";
import { hintsFor } from "./simulate/hints.ts";
import { run } from "./simulate/run.ts";
import { type DeliveryResult, Tally } from "./simulate/tally.ts";
import { resolveTarget } from "./simulate/target.ts";

export default defineCommand({
  name: "replay",
  group: "operate",
  summary: "delivers bodies that one has again",
  description: "Delivers bodies that one has to the webhook again, signed, the way Clerk does.",
  examples: [
    ["--file body.json --id msg_…", "closes this event in the ledger"],
    ["--file bodies.ndjson", "several"],
    ["--file - < body.json", "from standard input"],
  ],
  options: (command) =>
    stackOption(
      command
        .requiredOption(
          "--file <path>",
          "a whole body as Clerk sent it, a JSON array of them, or one a line (at most 10000, " +
            "64 MB); - reads standard input",
        )
        .option(
          "--id <svix-id>",
          "the original svix-id, for one body; npm run events names it. Without it the id is made " +
            "from the body: the ledger gets a row of its own, once, and an open one stays",
          svixId,
        )
        .option("--url <url>", "the webhook; else WEBHOOK_URL, else the local stack"),
    ).option("--json", "one JSON object a line: each delivery", false),
  notes:
    `The secret comes from CLERK_WEBHOOK_SECRET, never from an option; that of the local stack is found by
itself. What is older than what is stored is answered stale: replaying is harmless.

Exit code: 0 every answer was 2xx, 1 one was not, 2 wrong usage, 130 interrupted.`,
  async run({ file, id = null, url, dataDir, json }, { signal }) {
    const target = resolveTarget({
      options: { url, secret: undefined },
      env: Deno.env.toObject(),
      stack: await readStackFile(dataDir),
    });
    const deliveries = readBodies(await readInput(file), id);
    console.error(
      `Sending to ${target.url.host}, signed with the secret of ${target.secretSource}`,
    );
    if (id === null) {
      console.error(
        "Without --id under an id made from the body: an open event in the ledger stays open.",
      );
    }

    const isColored = Deno.stdout.isTerminal() && !Deno.noColor;
    const tally = new Tally();
    const startedAt = performance.now();
    const ending = await run({
      plan: { total: deliveries.length, delivery: (index) => deliveries[index]! },
      concurrency: 1,
      signal,
      deliver: ({ id, body }) =>
        send(signDelivery({ id, body, secret: target.secret, at: new Date() }), {
          url: target.url,
          signal,
        }),
      report(result) {
        tally.add(result);
        console.log(
          json ? deliveryJson(result) : `${formatLine(result, isColored)}\n  ${meaningOf(result)}`,
        );
      },
    });
    const summary = tally.summary(performance.now() - startedAt);
    for (const hint of hintsFor(summary, target)) console.error(hint);
    if (ending === "interrupted") return 130;
    return summary.ok === deliveries.length ? 0 : 1;
  },
});

function svixId(text: string): string {
  if (!/^[\w.-]{1,255}$/.test(text)) throw new UsageError("--id is a svix-id, msg_….");
  return text;
}

/** What an answer means for whoever replays, in one sentence. */
function meaningOf({ outcome }: DeliveryResult): string {
  return MEANINGS.get(outcome ?? "") ?? "not delivered; the log of the function says more";
}

const MEANINGS = new Map([
  ["applied", "applied"],
  ["duplicate", "was settled before: nothing was done"],
  ["stale", "a newer state, or a deletion, is already here: harmless, nothing was overwritten"],
  ["ignored", "a type or an instance that the sync does not follow"],
  ["rejected", "not what Clerk sends, or not storable: npm run events names the field"],
  ["invalid_signature", "the function has another signing secret"],
  ["unavailable", "the database is down or slow, or a rule of its own refuses it: npm run events"],
  ["misconfigured", "a variable of the function is missing: npm run doctor"],
]);
