/** Measures the webhook alone, and prints the measures as JSON. Started by function.ts with its sizes. */
import { parseEvent } from "../../../supabase/functions/clerk-webhook/parse_event.ts";
import { route } from "../../../supabase/functions/clerk-webhook/route.ts";
import type { Measure } from "../part.ts";
import { type Cost, costOf, medianOf } from "./cost.ts";
import { type Delivery, KINDS, signedOf, UNSIGNED } from "./deliveries.ts";
import type { Sizes } from "./function.ts";
import { createWebhook } from "./webhook.ts";

const SECRET = `whsec_${btoa("signs in this benchmark alone")}`;

/** A large body costs as much as hundreds of others. */
const LARGE_BYTES = 100_000;

const { rounds, requests }: Sizes = JSON.parse(Deno.args[0]!);
const { handle, verify } = createWebhook(SECRET);
const costs = new Map<string, Cost[]>();

// The first round is for the compiler alone.
for (let round = 0; round <= rounds; round++) {
  if (round === 1) costs.clear();
  for (const kind of KINDS) await measureSigned(kind);
  for (const [name, make] of Object.entries(UNSIGNED)) await measureHandler(name, [make()], 401);
}
console.log(JSON.stringify([...KINDS.flatMap(signedMeasures), ...unsignedMeasures()]));
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

async function measure(
  name: string,
  times: number,
  call: (index: number) => void | Promise<void>,
): Promise<void> {
  const cost = await costOf(times, call);
  costs.set(name, [...costs.get(name) ?? [], cost]);
}

function signedMeasures(kind: string): Measure[] {
  const whole = median(kind);
  const verification = median(`${kind}: verification`).us;
  const parsing = median(`${kind}: parsing`).us;
  const share = (name: string, us: number) => (
    { group: kind, name, value: us / whole.us * 100, unit: "%" }
  );
  return [
    { group: kind, name: "applied", value: 1e6 / whole.us, unit: "events/s" },
    { group: kind, name: "CPU of one", value: whole.cpuUs, unit: "µs" },
    share("verification", verification),
    share("parsing", parsing),
    share("the rest", whole.us - verification - parsing),
  ];
}

function unsignedMeasures(): Measure[] {
  return Object.keys(UNSIGNED).flatMap((group) => {
    const { us, cpuUs } = median(group);
    return [
      { group, name: "refused", value: 1e6 / us, unit: "requests/s" },
      { group, name: "CPU of one", value: cpuUs, unit: "µs" },
    ];
  });
}

function median(name: string): Cost {
  return medianOf(costs.get(name)!);
}
