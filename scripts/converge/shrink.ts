import fc from "fast-check";
import type { Sql } from "postgres";
import { judge } from "../../tests/convergence/delivery/judge.ts";
import { batchesOf } from "../../tests/convergence/delivery/schedule.ts";
import { deliver } from "./deliver.ts";
import { recipe, tell } from "./plan.ts";
import type { Target } from "./target.ts";

/** Shrinking is given up after this, with the smallest found so far. */
const SHRINK_TIMEOUT_MS = 60_000;

/** Tells a history that diverged again and again, ever shorter; returns the shortest that still does, in words. */
export async function shrink(
  { seed, history, target, sql, newTag }: {
    seed: number;
    history: number;
    target: Target;
    sql: Sql;
    newTag: () => string;
  },
): Promise<string> {
  const { arbitrary, parameters } = recipe(seed, history);
  const property = fc.asyncProperty(arbitrary, async (told) => {
    const plan = { index: history, ...tell(told, newTag()) };
    for (const batch of batchesOf(plan.order, told[1])) {
      await Promise.all(batch.map((event) => deliver(event, target, () => {})));
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
