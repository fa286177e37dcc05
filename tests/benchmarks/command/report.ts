import type { PartResult } from "../part.ts";
import type { Machine } from "./machine.ts";
import { isReached } from "./target.ts";

/** What a run came to: the object of --json. */
export interface Report {
  /** When it began. */
  date: string;
  /** What was typed. */
  command: string;
  machine: Machine;
  isQuick: boolean;
  seed: number;
  isInterrupted: boolean;
  parts: PartReport[];
}

/** What became of a part. */
export type PartReport = MeasuredPart | FailedPart;

export interface MeasuredPart extends PartResult {
  outcome: "measured";
  name: string;
  title: string;
  seconds: number;
}

export interface FailedPart {
  outcome: "failed";
  name: string;
  error: string;
}

/** The exit code: 130 interrupted, 1 when a part failed or missed what it must reach, else 0. Quick times decide nothing. */
export function exitCodeOf({ isInterrupted, isQuick, parts }: Report): number {
  if (isInterrupted) return 130;
  const isWell = (part: PartReport) =>
    part.outcome === "measured" && (isQuick || part.targets.every(isReached));
  return parts.every(isWell) ? 0 : 1;
}
