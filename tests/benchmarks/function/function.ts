import { fileURLToPath } from "node:url";
import type { Part, PartResult, RunOptions } from "../part.ts";

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
  return {
    settings: {
      rounds: sizes.rounds,
      "requests of each kind in a round": sizes.requests,
      "requests at a time": 1,
      log: "info, a line written to /dev/null",
    },
    measures: JSON.parse(new TextDecoder().decode(stdout)),
    targets: [],
  };
}
