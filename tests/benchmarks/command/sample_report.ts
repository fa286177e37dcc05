import type { Target } from "../part.ts";
import type { Machine } from "./machine.ts";
import type { MeasuredPart, Report } from "./report.ts";
import type { KeptPart } from "./results.ts";

export const MACHINE: Machine = {
  cores: 2,
  cpu: "Quick CPU",
  memoryGb: 8,
  os: "Linux 6.1",
  deno: "2.9.6",
  node: "24.1.0",
  postgres: "17.10",
  load: 0.5,
};

export const REACHED: Target = {
  name: "beside the floor",
  value: 1.2,
  unit: "",
  limit: { atMost: 1.5 },
};
export const MISSED: Target = { ...REACHED, value: 1.6 };

/** A part that was measured, as far as a test does not say otherwise. */
export function measuredPart(given: Partial<MeasuredPart> = {}): MeasuredPart {
  return {
    outcome: "measured",
    name: "reads",
    title: "Reads, beside the floor",
    seconds: 61,
    settings: { rows: 1000, mode: "warm" },
    measures: [
      { group: "small", name: "ours", value: 12, unit: "ms" },
      { group: "small", name: "floor", value: 10.04, unit: "ms" },
      { group: "large", name: "ours", value: 1200.4, unit: "ms" },
      { group: "large", name: "floor", value: 0.1234, unit: "ms" },
    ],
    targets: [REACHED],
    ...given,
  };
}

/** A run of parts. */
export function reportOf(given: Partial<Report> = {}): Report {
  return {
    date: "2026-11-24T20:25:07.123Z",
    command: "npm run bench -- reads",
    machine: MACHINE,
    isQuick: false,
    seed: 1,
    isInterrupted: false,
    parts: [measuredPart()],
    ...given,
  };
}

/** A part as it was kept. */
export function keptPart(given: Partial<KeptPart> = {}): KeptPart {
  const { outcome: _, ...part } = measuredPart();
  const { date, command, seed, machine } = reportOf();
  return { ...part, date, command, seed, machine, ...given };
}
