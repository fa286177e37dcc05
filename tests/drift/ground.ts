import { KIND_NAMES } from "../../scripts/clerk/kinds.ts";
import type { Removal } from "../../scripts/drift/conclude.ts";
import type { Report } from "../../scripts/drift/report.ts";
import { type Run, run } from "../../scripts/drift/run.ts";
import type { CallRpc } from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { type Ground, sidesOf, type SidesSettings } from "../backfill/ground.ts";
import type { ClerkApiServer } from "../clerk_api/server.ts";
import { type Ended, runCommand } from "../support/run_command.ts";

/** What may be otherwise than in most tests. */
export interface Settings
  extends SidesSettings, Partial<Pick<Run, "names" | "keepsAll" | "isRecorded">> {
  /** Told before the last look. */
  onSettling?: () => void;
}

/** All that Clerk does not have may go. */
export const ALL: Removal = { maxDeletes: { value: 100, isPercent: true }, confirm: null };

/** Checks in this process, as the command does. */
export function check(
  ground: Ground,
  server: ClerkApiServer,
  settings: Settings = {},
  removal: Removal | null = null,
): Promise<Report> {
  const sides = sidesOf(ground, server, { limit: 5, ...settings });
  const note = (text: string) => text.startsWith("looking again") && settings.onSettling?.();
  return run({
    ...sides,
    project: "here",
    names: settings.names ?? KIND_NAMES,
    removal,
    keepsAll: settings.keepsAll ?? false,
    settleMs: 0,
    isRecorded: settings.isRecorded ?? true,
    progress: { ...sides.progress, note },
    peakMemoryMb: () => 0,
  });
}

/** As `check`, with --repair. */
export function repair(
  ground: Ground,
  server: ClerkApiServer,
  settings: Settings = {},
  removal: Removal = ALL,
): Promise<Report> {
  return check(ground, server, settings, removal);
}

/** What was found, a line each, as `user user_1 different email`; with what became of it where it was repaired. */
export function linesOf({ differences }: Report): string[] {
  return differences.map(({ object, id, kind, fields, is_repaired }) =>
    [object, id, kind, fields.join(","), is_repaired ? "repaired" : ""].filter(Boolean).join(" ")
  ).sort();
}

/** Runs the command to its end. */
export function drift(env: Record<string, string>, args: string[] = []): Promise<Ended> {
  return runCommand("drift", { env, args });
}

/** The report that --json printed. */
export function reportIn({ stdout }: Ended): Report {
  return JSON.parse(stdout);
}

/** Something happens just before the first call of an RPC, or just before the first call for which it is time. */
export function before(
  when: string | (() => boolean),
  happens: () => Promise<unknown>,
): (callRpc: CallRpc) => CallRpc {
  const isTime = typeof when === "string" ? (name: string) => name === when : when;
  let hasHappened = false;
  return (callRpc) => async (call, signal) => {
    if (!hasHappened && isTime(call.name)) {
      hasHappened = true;
      await happens();
    }
    return callRpc(call, signal);
  };
}

/** How a check ended, and what it found. */
export function resultOf(report: Report): unknown[] {
  return [report.outcome, report.exit_code, linesOf(report)];
}
