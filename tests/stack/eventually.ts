/** Waits until something holds, looking again and again. */
export async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!await holds()) {
    if (Date.now() > deadline) throw new Error(`still not so after 30 s: ${what}`);
    await new Promise((wake) => setTimeout(wake, 25));
  }
}
