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

/** The port to use for a wish: any free one for 0, otherwise the wish, if nobody else is there. */
export async function claimPort(wish: number, flag: string): Promise<number> {
  if (wish === 0) return freePort();
  const problem = await answers(wish) ? "is taken by another program" : bindProblem(wish);
  if (problem) throw new StackError(`port ${wish} ${problem}; choose another with ${flag}`);
  return wish;
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

function bindProblem(port: number): string | undefined {
  try {
    Deno.listen({ hostname: HOST, port }).close();
    return undefined;
  } catch (error) {
    return error instanceof Deno.errors.AddrInUse
      ? "is taken by another program"
      : "cannot be used by this user";
  }
}
