import fc, { type Plugin } from "fast-check";
import postgres, { type Sql } from "postgres";
import { stackEnv } from "../support/stack_env.ts";
import { connectAsService } from "./delivery/in_process.ts";

/** The seed of this run's properties: printed when one fails, and taken from CONVERGENCE_SEED to run it again. */
const SEED = Number(Deno.env.get("CONVERGENCE_SEED") ?? Math.floor(Math.random() * 2 ** 31));

/** CONVERGENCE_RUNS: so many runs of each property, in place of the few that `npm test` has time for. */
const RUNS = Number(Deno.env.get("CONVERGENCE_RUNS") ?? 0);

/** What properties are run with. */
export function runs(numRuns: number): { numRuns: number; seed: number } {
  return { numRuns: RUNS || numRuns, seed: SEED };
}

/** So long it is tried to make the first failure smaller. */
const SHRINK_MS = 60_000;

/**
 * Lets everything pass that is tried a minute after the first failure, so that shrinking ends. fast-check's own limit begins
 * with the first run, which takes what it takes, and leaves a predicate running.
 */
const shrinksBriefly: Plugin<unknown> = () => {
  let endsAt = Infinity;
  return {
    decorateRun: (run) => (value) => {
      if (performance.now() > endsAt) return null;
      const result = run(value);
      const settle = <Failure>(failure: Failure): Failure => {
        if (failure !== null) endsAt = Math.min(endsAt, performance.now() + SHRINK_MS);
        return failure;
      };
      return result instanceof Promise ? result.then(settle) : settle(result);
    },
  };
};
fc.installGlobalPlugin(shrinksBriefly);

let tags = 0;
const RUN = Math.random().toString(36).slice(2, 8);

/** A tag that no other history of this database has: shrinking tells a history again and again. */
export function newTag(): string {
  return `${RUN}${(tags++).toString(36).padStart(4, "0")}x`;
}

/** Connections to the stack under test. */
export interface Connections {
  /** As the database's owner. */
  owner: Sql;
  /** As the role that the function's calls run as, sixteen at once. */
  service: Sql;
}

/** A test with connections, which are closed afterwards. */
export function convergenceTest(name: string, run: (connections: Connections) => Promise<void>) {
  Deno.test(name, async () => {
    const { DB_URL } = stackEnv();
    const owner = postgres(DB_URL, { max: 4, onnotice: () => {} });
    const service = connectAsService(DB_URL, 16);
    try {
      await run({ owner, service });
    } finally {
      await Promise.all([owner.end(), service.end()]);
    }
  });
}
