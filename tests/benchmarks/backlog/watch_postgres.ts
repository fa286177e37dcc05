import { sharedMemoryMb } from "../memory.ts";
import { findStackProcesses } from "../stack_processes.ts";

const EVERY_MS = 2_000;

/** Looks at the memory of all of PostgreSQL every now and then, and when it is asked for the most there was. */
export function watchPostgres(): Disposable & { peakMb(): Promise<number> } {
  let peak = NaN;
  const look = async () => {
    const mb = sharedMemoryMb((await findStackProcesses()).postgres);
    if (!(mb <= peak)) peak = mb;
  };
  const timer = setInterval(look, EVERY_MS);
  const peakMb = async () => {
    await look();
    return peak;
  };
  return { peakMb, [Symbol.dispose]: () => clearInterval(timer) };
}
