/** Measures the webhook alone, and prints the measures as JSON. Started by function.ts with its sizes. */
import { randomUUID } from "node:crypto";
import process from "node:process";
import { signDelivery } from "../../../scripts/simulate/delivery.ts";
import { SAMPLE_TYPES, SAMPLES } from "../../../scripts/simulate/samples.ts";
import { createLog, type Log } from "../../../supabase/functions/_clerk_sync/log.ts";
import { createHandler } from "../../../supabase/functions/clerk-webhook/handler.ts";
import { parseEvent } from "../../../supabase/functions/clerk-webhook/parse_event.ts";
import { BODY_LIMIT_BYTES } from "../../../supabase/functions/clerk-webhook/receive.ts";
import { route } from "../../../supabase/functions/clerk-webhook/route.ts";
import { createRateLimits } from "../../../supabase/functions/clerk-webhook/rate_limits.ts";
import { createStats } from "../../../supabase/functions/clerk-webhook/stats.ts";
import { createVerifyLarge } from "../../../supabase/functions/clerk-webhook/verify.ts";
import { by, median } from "../measuring.ts";
import type { Measures } from "../part.ts";
import type { Sizes } from "./function.ts";

const SECRET = `whsec_${btoa("signs in this benchmark alone")}`;

/** A large body costs as much as hundreds of others. */
const LARGE_BYTES = 100_000;

/** What a request is made of, as often as it is needed. */
interface Delivery {
  headers: Headers;
  body: string;
}

/** What events are about: the first word of their types. */
const KINDS = [...new Set(SAMPLE_TYPES.map(kindOf))];

/** What nobody signed. */
const UNSIGNED = {
  "without headers": withoutHeaders,
  "wrong signature": forged,
  "wrong signature, the largest body": forgedLarge,
};

const { rounds, requests }: Sizes = JSON.parse(Deno.args[0]!);
const { handle, verify } = createWebhook(SECRET);
const costs = new Map<string, Cost[]>();

// The first round is for the compiler alone.
for (let round = 0; round <= rounds; round++) {
  if (round === 1) costs.clear();
  for (const kind of KINDS) await measureSigned(kind);
  for (const [name, make] of Object.entries(UNSIGNED)) await measureHandler(name, [make()], 401);
}
console.log(JSON.stringify(measures()));
// Limits and timeouts would keep the process for a minute.
Deno.exit();

/** The handler, and on the same deliveries the two stages that are functions of their own. */
async function measureSigned(kind: string): Promise<void> {
  const deliveries = signedOf(kind, SECRET);
  const each = (index: number) => deliveries[index % deliveries.length]!;
  await measureHandler(kind, deliveries, 200);
  await measure(`${kind}: verification`, requests, async (index) => {
    const { headers, body } = each(index);
    if ((await verify(headers, body)).kind !== "verified") throw new Error("not verified");
  });
  await measure(`${kind}: parsing`, requests, (index) => {
    const parsed = parseEvent(each(index).body);
    if (!parsed.ok || route(parsed.event.type, parsed.event.data).kind !== "apply") {
      throw new Error("not parsed");
    }
  });
}

/** The requests are made before: in a server that is the work of HTTP. */
async function measureHandler(name: string, made: Delivery[], status: number): Promise<void> {
  const isLarge = made[0]!.body.length > LARGE_BYTES;
  const times = isLarge ? Math.ceil(requests / 100) : requests;
  const ready = Array.from({ length: times }, (_, index) => {
    const { headers, body } = made[index % made.length]!;
    return new Request("http://127.0.0.1/clerk-webhook", { method: "POST", headers, body });
  });
  await measure(name, times, async (index) => {
    const response = await handle(ready[index]!);
    if (response.status !== status) throw new Error(`answered ${response.status}`);
  });
}

/** What one call took, in microseconds: on the clock, and on the CPUs, the engine's own threads included. */
interface Cost {
  us: number;
  cpuUs: number;
}

/** Calls so many times, one after the other, and keeps what a call cost on average. */
async function measure(
  name: string,
  times: number,
  call: (index: number) => void | Promise<void>,
): Promise<void> {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  for (let index = 0; index < times; index++) await call(index);
  const us = (performance.now() - startedAt) * 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cost = { us: us / times, cpuUs: (user + system) / times };
  costs.set(name, [...costs.get(name) ?? [], cost]);
}

/** Medians of the rounds. */
function measures(): Measures[] {
  const us = (name: string) => median(costs.get(name)!.map(({ us }) => us));
  const cpuUs = (name: string) => median(costs.get(name)!.map(({ cpuUs }) => cpuUs));
  const unsigned = Object.keys(UNSIGNED);
  const shares = (kind: string) => {
    const verification = us(`${kind}: verification`) / us(kind) * 100;
    const parsing = us(`${kind}: parsing`) / us(kind) * 100;
    return { verification, parsing, "the rest": 100 - verification - parsing };
  };
  return [
    { unit: "events/s", groups: { applied: by(KINDS, (kind) => 1e6 / us(kind)) } },
    {
      unit: "µs",
      groups: { "CPU of one": by(KINDS, cpuUs), "CPU of one refused": by(unsigned, cpuUs) },
    },
    { unit: "%", groups: by(KINDS, shares) },
    { unit: "requests/s", groups: { refused: by(unsigned, (name) => 1e6 / us(name)) } },
  ];
}

/**
 * The webhook as index.ts wires it, with three differences. The database answers `applied` at once. The limits count every
 * request, as always, and are never reached. The log's lines go to /dev/null: written one by one, as to a real output.
 */
function createWebhook(secret: string) {
  const verify = createVerifyLarge([secret]);
  const log = createSink();
  const service = {
    verify,
    callRpc: () => Promise.resolve({ kind: "done" as const, answer: "applied" }),
    instanceId: null,
    silentAfterHours: null,
    refusedAfterEvents: null,
    holdsSecretKey: () => Promise.resolve(false),
    limits: createRateLimits({ failuresPerMinute: 1e9, verifiedPerSecond: 1e9 }),
    stats: createStats(1),
    log,
  };
  return { handle: createHandler(service, log), verify };
}

function createSink(): Log {
  const output = Deno.openSync("/dev/null", { write: true });
  const encoder = new TextEncoder();
  return createLog("info", (line) => void output.writeSync(encoder.encode(`${line}\n`)));
}

/** One signed delivery of each sample of a kind. */
function signedOf(kind: string, secret: string): Delivery[] {
  const types = SAMPLE_TYPES.filter((type) => kindOf(type) === kind);
  return types.map((type) => signed(JSON.stringify(SAMPLES[type]), secret));
}

function withoutHeaders(): Delivery {
  return { headers: new Headers({ "content-type": "application/json" }), body: "{}" };
}

/** In the right form, so that its body is read and hashed before it is refused. */
function forged(body = JSON.stringify(SAMPLES["user.created"])): Delivery {
  const nobodys = `whsec_${btoa("nobody knows this secret")}`;
  return signed(body, nobodys);
}

function forgedLarge(): Delivery {
  return forged("x".repeat(BODY_LIMIT_BYTES));
}

function signed(body: string, secret: string): Delivery {
  const id = `msg_${randomUUID()}`;
  const { headers } = signDelivery({ id, body, secret, at: new Date() });
  return { headers: new Headers(headers), body };
}

function kindOf(type: string): string {
  return type.split(".")[0]!;
}
