import fc from "fast-check";
import type { Sql } from "postgres";
import { type Command, histories } from "./clerk/commands.ts";
import { type History, simulate } from "./clerk/simulator.ts";
import type { ClerkEvent } from "./clerk/world.ts";
import { deliverUntilAccepted, type Endpoint } from "./deliver.ts";
import { judge } from "./judge.ts";
import { batchesOf, deliveries, type Schedule, schedules } from "./schedule.ts";

/** Every tenth history is long, with much told of few objects. */
const LONG_EVERY = 10;

const SHORT = fc.tuple(histories(), schedules());
const LONG = fc.tuple(histories({ users: 4, organizations: 4, length: 150 }), schedules());

/** How one history of a run comes about: the same numbers always make the same one. */
function recipe(seed: number, index: number) {
  return {
    arbitrary: index % LONG_EVERY === LONG_EVERY - 1 ? LONG : SHORT,
    // Every other one as fast-check would begin: with extreme values.
    parameters: { seed: mixed(seed, index), numRuns: 1, unbiased: index % 2 === 0 },
  };
}

/** A history and the order that its events are delivered in. */
export interface Plan extends History {
  index: number;
  order: ClerkEvent[];
}

/** One history of a run. `tag` is new for every run, or the same seed on the same database would deliver duplicates. */
export function planHistory(seed: number, index: number, tag: string): Plan {
  const { arbitrary, parameters } = recipe(seed, index);
  const [told] = fc.sample(arbitrary, parameters);
  return { index, ...tell(told!, tag) };
}

/** The events of a history and their order. */
function tell([commands, schedule]: [Command[], Schedule], tag: string) {
  const history = simulate(commands, tag);
  return { ...history, order: deliveries(history.events, schedule) };
}

/** Two numbers in one of 32 bits, so that neighbours have nothing in common (from MurmurHash). */
function mixed(seed: number, index: number): number {
  let hash = Math.imul(seed ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}

/** Shrinking is given up after this, with the smallest found so far. */
const SHRINK_TIMEOUT_MS = 60_000;

/** Tells a history that diverged again and again, ever shorter; returns the shortest that still does, in words. */
export async function shrink(
  { seed, history, target, sql, newTag }: {
    seed: number;
    history: number;
    target: Endpoint;
    sql: Sql;
    newTag: () => string;
  },
): Promise<string> {
  const { arbitrary, parameters } = recipe(seed, history);
  const property = fc.asyncProperty(arbitrary, async (told) => {
    const plan = { index: history, ...tell(told, newTag()) };
    for (const batch of batchesOf(plan.order, told[1])) {
      await Promise.all(batch.map((event) => deliverUntilAccepted(event, target, 6)));
    }
    const { differences } = await judge(sql, plan, new Map());
    if (differences.length > 0) {
      const order = plan.order.map(({ type, data }) => `  ${type} ${data.id}`);
      throw new Error([...differences, "after", ...order].join("\n"));
    }
  });
  const { failed, counterexample, errorInstance } = await fc.check(property, {
    ...parameters,
    interruptAfterTimeLimit: SHRINK_TIMEOUT_MS,
  });
  if (!failed) return "Delivered alone it converges: it went wrong by timing.";
  return `${(errorInstance as Error).message}\n${JSON.stringify(counterexample)}`;
}
