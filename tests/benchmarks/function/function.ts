import { fileURLToPath } from "node:url";
import type { Measures, Part, PartResult, RunOptions, Target } from "../part.ts";

const FULL = { rounds: 15, requests: 2_000 };
const QUICK = { rounds: 2, requests: 100 };

/** How often what is measured is done: so many requests of each kind in each round. */
export type Sizes = typeof FULL;

/**
 * What the webhook itself can do, and where its time goes: the database answers at once, and there is no network. It is
 * measured in a process of its own, so that no other part is in its memory, its compiler or its CPU time.
 */
export const webhookAlone: Part = {
  title: "The webhook alone, by kind of event: its database answers at once",
  run,
};

async function run({ isQuick, note, signal }: RunOptions): Promise<PartResult> {
  const sizes = isQuick ? QUICK : FULL;
  note(`${sizes.rounds} rounds …`);
  const measure = fileURLToPath(new URL("measure.ts", import.meta.url));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", measure, JSON.stringify(sizes)],
    signal,
  }).output();
  signal.throwIfAborted();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const measures: Measures[] = JSON.parse(new TextDecoder().decode(stdout));
  return {
    settings: {
      rounds: sizes.rounds,
      "requests of each kind in a round": sizes.requests,
      "requests at a time": 1,
      log: "info, a line written to /dev/null",
    },
    measures,
    targets: told(measures),
  };
}

/** What one costs at most. There is no goal: it would be one for the CPU. */
function told(measures: Measures[]): Target[] {
  const most = (group: string) => {
    const costs = measures.map(({ groups }) => groups[group]).find(Boolean) ?? {};
    return Math.max(...Object.values(costs).flat());
  };
  return [
    { name: "CPU time of a delivery, of the dearest kind", value: most("CPU of one"), unit: "µs" },
    {
      name: "CPU time of a request that is refused, with the largest body",
      value: most("CPU of one refused"),
      unit: "µs",
    },
  ];
}
