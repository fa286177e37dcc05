import type { ClerkApi, ClerkApiOptions } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import { inSchema } from "../add/schema.ts";
import type { Ask } from "./ask.ts";
import type { Expected } from "./expected.ts";
import type { DataApi } from "./project.ts";
import type { Target } from "./target.ts";

/** What a check works with. */
export interface Context {
  target: Target;
  ask: Ask;
  /** With the secret key; only for checks that need `api-key`. */
  project: DataApi;
  /** With the publishable key; null where there is none. */
  anonymous: DataApi | null;
  expected: Expected;
  /** How far the clocks of the answers were ahead of ours so far, in seconds. */
  skews: number[];
  now: () => Date;
  createClerk: (options: ClerkApiOptions) => ClerkApi;
  timeoutMs: number;
}

/** One line of the doctor. */
export interface Check {
  /** Fixed, for programs. */
  id: string;
  title: string;
  /** Ids of checks that must not have failed nor been skipped. */
  needs: string[];
  run(context: Context): Promise<Finding> | Finding;
}

/** How a check ended. What is not ok says how it is mended. */
export type Finding =
  | { level: "ok"; detail: string }
  | { level: "warning"; detail: string; fix: string }
  | { level: "failure"; detail: string; fix: string }
  | { level: "skipped"; detail: string };

/** It is as it should be. */
export function ok(detail: string): Finding {
  return { level: "ok", detail };
}

/** It works, but should be otherwise. */
export function warning(detail: string, fix: string): Finding {
  return { level: "warning", detail, fix };
}

/** It does not work, or is not safe. */
export function failure(detail: string, fix: string): Finding {
  return { level: "failure", detail, fix };
}

/** It could not be looked at. */
export function skipped(detail: string): Finding {
  return { level: "skipped", detail };
}

const UNITS: [string, number][] = [["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1]];

/** How long ago a time was, in one unit: `3 h ago`. */
export function ago(at: Date, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - at.getTime()) / 1000));
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? ["s", 1];
  return `${Math.floor(seconds / size)} ${unit} ago`;
}

/** How many days ago a time was. */
export function daysSince(at: Date, now: Date): number {
  return (now.getTime() - at.getTime()) / 86_400_000;
}

/** Ends a check in the middle: what it asked was not answered as it must be. */
export class Trouble extends Error {
  override name = "Trouble";

  constructor(readonly finding: Finding) {
    super(finding.detail);
  }
}

/** Runs a check to its end. SQL in a remedy is of the schema that the sync is in. */
export async function examine(check: Check, context: Context): Promise<Finding> {
  const finding = await endOf(check, context);
  return "fix" in finding
    ? { ...finding, fix: inSchema(finding.fix, context.target.schema) }
    : finding;
}

async function endOf(check: Check, context: Context): Promise<Finding> {
  try {
    return await check.run(context);
  } catch (error) {
    if (error instanceof Trouble) return error.finding;
    throw error;
  }
}
