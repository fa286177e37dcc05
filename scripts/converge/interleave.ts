/** An item of a plan's order. */
export interface Step<Plan extends { order: unknown[] }> {
  plan: Plan;
  item: Plan["order"][number];
}

/** Takes the next item of each of `width` plans in turn; a plan that is through is replaced by the next one. */
export function* interleave<Plan extends { order: unknown[] }>(
  plans: Iterable<Plan>,
  width: number,
): Iterable<Step<Plan>> {
  const waiting = plans[Symbol.iterator]();
  const open = () => {
    const { done, value: plan } = waiting.next();
    return done ? [] : [{ plan, items: plan.order.values() }];
  };
  let lanes = Array.from({ length: width }).flatMap(open);
  while (lanes.length > 0) {
    const still: typeof lanes = [];
    for (const lane of lanes) {
      const { done, value: item } = lane.items.next();
      if (done) still.push(...open());
      else {
        still.push(lane);
        yield { plan: lane.plan, item };
      }
    }
    lanes = still;
  }
}
