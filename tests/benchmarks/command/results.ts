import type { PartResult } from "../part.ts";
import type { Machine } from "./machine.ts";
import type { Report } from "./report.ts";

/** What is kept of a part: its last measurement, and all that it takes to repeat it. */
export interface KeptPart extends PartResult {
  name: string;
  title: string;
  date: string;
  command: string;
  seed: number;
  seconds: number;
  machine: Machine;
}

/** What was kept, with each part that a run measured in place of its older self, in the order of the names. */
export function mergeResults(kept: KeptPart[], report: Report, names: string[]): KeptPart[] {
  const measured = report.parts
    .filter((part) => part.outcome === "measured")
    .map(({ outcome: _, name, title, seconds, ...result }) => {
      const { date, command, seed, machine } = report;
      return { name, title, date, command, seed, seconds, machine, ...result };
    });
  const find = (name: string) => [...measured, ...kept].find((part) => part.name === name);
  return names.map(find).filter((part) => part !== undefined);
}

/** As it is written into the file. */
export function resultsText(parts: KeptPart[]): string {
  return `${JSON.stringify(parts, null, 2)}\n`;
}
