import { type Plan, planHistory } from "../../../scripts/converge/plan.ts";

/** Which backlog: the same seed and size always make the same one. */
export interface Backlog {
  seed: number;
  events: number;
}

/** Random histories, each with its events in scrambled order, until they tell of so many events together. */
export function* historiesOf({ seed, events }: Backlog): Iterable<Plan> {
  for (let index = 0, left = events; left > 0; index++) {
    const tag = `b${index.toString(36).padStart(5, "0")}x`;
    const plan = planHistory(seed, index, tag);
    // Each once: what was queued was never answered.
    const order = [...new Set(plan.order)].slice(0, left);
    if (order.length === 0) continue;
    left -= order.length;
    const sent = new Set(order);
    yield { ...plan, order, events: plan.events.filter((event) => sent.has(event)) };
  }
}
