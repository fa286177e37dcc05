/** No machine takes so long: what is not so by then never will be. */
const DEADLINE_MS = 300_000;

/** Waits until something holds, looking again and again. */
export async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!await holds()) {
    if (Date.now() > deadline) throw new Error(`still not so: ${what}`);
    await new Promise((wake) => setTimeout(wake, 25));
  }
}
