import { firstAnswerMs, type Program } from "./first_answer.ts";

/** What Deno has from earlier starts: all that it keeps, as at most starts of the local stack, or nothing. */
export const CACHES = ["warm", "empty"] as const;

export type Cache = (typeof CACHES)[number];

/** How often each program is started, and with what. */
export interface StartOptions {
  cache: Cache;
  rounds: number;
  signal: AbortSignal;
}

/** Starts programs by turns, so that all of them meet the same moods of the machine: the times of each, in milliseconds. */
export async function startByTurns<Name extends string>(
  programs: Record<Name, Program>,
  { cache, rounds, signal }: StartOptions,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(programs) as Name[];
  const times = {} as Record<Name, number[]>;
  for (const name of names) times[name] = [];
  await using kept = await cacheDir();
  // V8 keeps code of the second run of a program at the earliest.
  for (let run = 0; run < (cache === "warm" ? 2 : 0); run++) {
    for (const name of names) await firstAnswerMs(programs[name], { cacheDir: kept.path, signal });
  }
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      await using fresh = await cacheDir();
      const { path } = cache === "warm" ? kept : fresh;
      times[name].push(await firstAnswerMs(programs[name], { cacheDir: path, signal }));
    }
  }
  return times;
}

async function cacheDir(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "cache-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
