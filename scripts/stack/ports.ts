import { StackError } from "./report.ts";

/** Where everything of the stack listens, and nothing else. */
export const HOST = "127.0.0.1";

/**
 * Where ports are looked for: below those that systems give to connections by themselves (32768 and up on Linux, 49152 on
 * macOS), so that none takes a port between its choice and its use.
 */
const [FIRST, BEHIND] = [15_000, 32_768];

/** A free port of the loopback interface. */
export function freePort(): number {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (BEHIND - FIRST));
    if (!bindProblem(port)) return port;
  }
}

/** The port of a wish where it is free, otherwise any free one. */
export async function portOrFree(wish: number): Promise<number> {
  return wish === 0 || await problemWith(wish) ? freePort() : wish;
}

/**
 * The ports to use for wishes by the options that name them: any free one for 0, otherwise the wish. Throws a StackError
 * that names all of those that can't be had.
 */
export async function claimPorts<Option extends string>(
  wishes: Record<Option, number>,
): Promise<Record<Option, number>> {
  const entries = Object.entries<number>(wishes) as [Option, number][];
  const problems = await Promise.all(entries.map(async ([option, wish]) => {
    const problem = wish === 0 ? undefined : await problemWith(wish);
    return problem ? [`port ${wish} ${problem}; choose another with ${option}`] : [];
  }));
  if (problems.flat().length > 0) throw new StackError(problems.flat().join("\n"));
  return Object.fromEntries(
    entries.map(([option, wish]) => [option, wish === 0 ? freePort() : wish]),
  ) as Record<Option, number>;
}

/** Whether something accepts connections on a port of this machine. */
export async function answers(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: HOST, port })).close();
    return true;
  } catch {
    return false;
  }
}

async function problemWith(port: number): Promise<string | undefined> {
  return await answers(port) ? TAKEN : bindProblem(port);
}

const TAKEN = "is taken by another program";

function bindProblem(port: number): string | undefined {
  try {
    Deno.listen({ hostname: HOST, port }).close();
    return undefined;
  } catch (error) {
    return error instanceof Deno.errors.AddrInUse ? TAKEN : "cannot be used by this user";
  }
}
