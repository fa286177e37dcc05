import type { Progress } from "../command/progress.ts";
import type { Conduct } from "./conduct.ts";
import type { Stopwatch } from "./report.ts";

/** Shows a run to those who wait for it, and takes its times. */
export function watchOf(progress: Progress, stopwatch: Stopwatch): Conduct["watch"] {
  return {
    plan({ state: { instanceId }, resumedFrom, leftBehind }) {
      progress.note(`Clerk's instance is ${instanceId}`);
      if (resumedFrom) progress.note(`going on with the run of ${resumedFrom.toISOString()}`);
      if (leftBehind) progress.note(`from the beginning: ${leftBehind}`);
    },
    begin(name, { total, read }) {
      stopwatch.begin(name);
      progress.begin(name, total, read);
    },
    page(name, { total, read }, { applied, unchanged, rejected }) {
      stopwatch.count(name, applied + unchanged + rejected.length);
      progress.step(total ?? read, read);
      for (const { id, code } of rejected) {
        progress.note(`${name}: the database refuses ${JSON.stringify(id)} (${code})`);
      }
    },
    end(name) {
      progress.end();
      stopwatch.end(name);
    },
  };
}
