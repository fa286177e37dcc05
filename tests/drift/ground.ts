import { KIND_NAMES } from "../../scripts/clerk/kinds.ts";
import { createThrottle, patientClerk } from "../../scripts/clerk/patient_clerk.ts";
import type { Removal } from "../../scripts/drift/conclude.ts";
import type { Report } from "../../scripts/drift/report.ts";
import { type Run, run } from "../../scripts/drift/run.ts";
import { noTraffic } from "../../scripts/project/persist.ts";
import { projectRpc } from "../../scripts/project/rpc.ts";
import { createClerkApi } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import { type CallRpc, createCallRpc } from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import type { Ground } from "../backfill/ground.ts";
import type { ClerkApiServer } from "../clerk_api/server.ts";
import { type Ended, runCommand } from "../support/run_command.ts";

/** What may be otherwise than in most tests. */
export interface Settings
  extends Partial<Pick<Run, "names" | "keepsAll" | "isRecorded" | "settleMs" | "signal" | "now">> {
  limit?: number;
  secretKey?: string;
  expectedInstanceId?: string;
  /** How long an answer of Clerk's may take. */
  timeoutMs?: number;
  /** Told of each page that was compared. */
  onPage?: () => void;
  /** Told before the last look. */
  onSettling?: () => void;
  /** Goes around every call of the project. */
  around?: (callRpc: CallRpc) => CallRpc;
}

/** Few retries, after few milliseconds. */
const PATIENCE = { retries: 4, firstPauseMs: 5, longestPauseMs: 20 };

/** All that Clerk does not have may go. */
export const ALL: Removal = { maxDeletes: { value: 100, isPercent: true }, confirm: null };

/** Checks in this process, over HTTP on both sides, as the command does. */
export function check(
  { env }: Ground,
  server: ClerkApiServer,
  settings: Settings = {},
  removal: Removal | null = null,
): Promise<Report> {
  const { limit = 5, timeoutMs = 60_000, around = (callRpc) => callRpc } = settings;
  const signal = settings.signal ?? new AbortController().signal;
  const traffic = noTraffic();
  const options = { traffic, signal, onWait: () => {}, patience: PATIENCE };
  const access = { secretKey: settings.secretKey ?? server.secretKey, apiUrl: server.url };
  const throttle = createThrottle({ rate: 100_000, concurrency: 3 });
  return run({
    clerk: patientClerk(createClerkApi({ ...access, timeoutMs }), { throttle, ...options }),
    rpc: projectRpc(around(createCallRpc(env.API_URL, env.SECRET_KEY)), options),
    project: "here",
    pages: { limit, concurrency: 3 },
    names: settings.names ?? KIND_NAMES,
    expectedInstanceId: settings.expectedInstanceId ?? null,
    removal,
    keepsAll: settings.keepsAll ?? false,
    settleMs: settings.settleMs ?? 0,
    isRecorded: settings.isRecorded ?? true,
    signal,
    progress: {
      begin() {},
      step: () => settings.onPage?.(),
      note: (text) => text.startsWith("looking again") && settings.onSettling?.(),
      end() {},
    },
    traffic,
    now: settings.now ?? (() => new Date()),
    newId: () => crypto.randomUUID(),
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
