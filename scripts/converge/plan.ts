import fc from "fast-check";
import { histories } from "../../tests/convergence/clerk/arbitrary.ts";
import type { Command } from "../../tests/convergence/clerk/command.ts";
import type { ClerkEvent } from "../../tests/convergence/clerk/event.ts";
import { type History, simulate } from "../../tests/convergence/clerk/simulator.ts";
import { deliveries, type Schedule, schedules } from "../../tests/convergence/delivery/schedule.ts";

/** Every tenth history is long, with much told of few objects. */
const LONG_EVERY = 10;

const SHORT = fc.tuple(histories(), schedules());
const LONG = fc.tuple(histories({ users: 4, organizations: 4, length: 150 }), schedules());

/** How one history of a run comes about: the same numbers always make the same one. */
export function recipe(seed: number, index: number) {
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
export function tell([commands, schedule]: [Command[], Schedule], tag: string) {
  const history = simulate(commands, tag);
  return { ...history, order: deliveries(history.events, schedule) };
}

/** Two numbers in one of 32 bits, so that neighbours have nothing in common (from MurmurHash). */
function mixed(seed: number, index: number): number {
  let hash = Math.imul(seed ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}
