import { createHash } from "node:crypto";
import { defineCommand } from "./command/command.ts";
import { readStackFile } from "./command/env_file.ts";
import { stackOption } from "./command/options.ts";
import { UsageError } from "./command/usage_error.ts";
import { send, signDelivery } from "./simulate/delivery.ts";
import { deliveryJson, formatLine, hintsFor } from "./simulate/format.ts";
import type { PlannedDelivery } from "./simulate/plan.ts";
import { type DeliveryResult, run, Tally } from "./simulate/run.ts";
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

/** More events than this are for a backfill. */
export const MOST_BODIES = 10_000;

/**
 * Reads events out of a text: one body, a JSON array of bodies, or a body a line. A single body goes out as it is, others
 * as they stand in the text. An id that is not given is made from the body, so that the same body twice is one event.
 */
export function readBodies(text: string, id: string | null): PlannedDelivery[] {
  const bodies = bodiesOf(text);
  if (bodies.length === 0) throw new UsageError("--file holds no body.");
  if (bodies.length > MOST_BODIES) {
    throw new UsageError(`--file holds ${bodies.length} bodies; the most is ${MOST_BODIES}.`);
  }
  if (id !== null && bodies.length > 1) throw new UsageError("--id is for one body alone.");
  return bodies.map(({ json, body }, index) => {
    const type = typeOf(json);
    if (type === null) {
      throw new UsageError(
        `Body ${index + 1} has no type: it is to be the whole body that Clerk sent, not its data.`,
      );
    }
    return { id: id ?? idFor(json), type, body };
  });
}

function bodiesOf(text: string): { json: unknown; body: string }[] {
  const whole = parse(text);
  if (whole !== undefined) {
    if (!Array.isArray(whole)) return [{ json: whole, body: text }];
    return whole.map((json) => ({ json, body: JSON.stringify(json) }));
  }
  const lines = text.split("\n").map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== "");
  return lines.map(({ line, number }) => {
    const json = parse(line);
    if (json === undefined) {
      throw new UsageError(`--file is neither JSON nor JSON a line: see line ${number}.`);
    }
    return { json, body: line };
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function typeOf(json: unknown): string | null {
  if (typeof json !== "object" || json === null) return null;
  const { type } = json as { type?: unknown };
  return typeof type === "string" && type !== "" ? type : null;
}

/** White space in the file makes no other event. */
function idFor(json: unknown): string {
  const digest = createHash("sha256").update(JSON.stringify(json)).digest("hex");
  return `msg_replay_${digest.slice(0, 32)}`;
}

/** More than this is not read. */
const INPUT_LIMIT_BYTES = 64 * 1024 * 1024;

/** The text of a file, or of standard input for `-`; throws a UsageError. */
export async function readInput(path: string): Promise<string> {
  try {
    const stream = path === "-" ? Deno.stdin.readable : (await Deno.open(path)).readable;
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    for await (const chunk of stream) {
      size += chunk.byteLength;
      if (size > INPUT_LIMIT_BYTES) throw new Error("it is over 64 MB");
      chunks.push(chunk);
    }
    const bytes = await new Blob(chunks).arrayBuffer();
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (error) {
    throw new UsageError(`--file cannot be read: ${(error as Error).message}`);
  }
}
