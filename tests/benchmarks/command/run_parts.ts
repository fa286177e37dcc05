import type { Part, RunOptions } from "../part.ts";
import type { PartReport } from "./report.ts";

/** Runs parts, one after the other. One that fails keeps none of the others back; once the signal aborts no other begins. */
export async function runParts(
  parts: [name: string, load: () => Promise<Part>][],
  { note, ...options }: RunOptions,
): Promise<PartReport[]> {
  const reports: PartReport[] = [];
  for (const [name, load] of parts) {
    if (options.signal.aborted) break;
    const startedAt = performance.now();
    const notePart = (line: string) => note(`${name}: ${line}`);
    try {
      const part = await load();
      const result = await part.run({ ...options, note: notePart });
      const seconds = (performance.now() - startedAt) / 1000;
      reports.push({ outcome: "measured", name, title: part.title, seconds, ...result });
    } catch (error) {
      // That it ended when it was told to is no failure.
      if (options.signal.aborted) break;
      notePart(`failed\n${error instanceof Error ? error.stack : error}`);
      reports.push({ outcome: "failed", name, error: String(error) });
    }
  }
  return reports;
}
