/** One word for how the sync is doing: the worst that is true. */
export type HealthWord =
  | "ok"
  | "no_events"
  | "rejected"
  | "silent"
  | "refused"
  | "failing"
  | "unreachable";

/** The word, and why: a sentence, or of `ok` several. Ages are in days, so that it stays the same while nothing happens. */
export interface Health {
  word: HealthWord;
  reason: string;
}

/** The part of `sync_status()` that is judged. */
export interface HealthStatus {
  /** When an event last got each outcome; null: none has it. */
  last: Partial<Record<"applied" | "stale" | "ignored" | "rejected" | "failed", string | null>>;
  /** Failed and rejected events that no later delivery settled. */
  open: {
    failed: number;
    rejected: number;
    /** Code and cause of the newest one that failed, as `23514: constraint c of public.users`. */
    newest_error?: string | null | undefined;
  };
  /** Null: there was none. Undefined: it was not asked for. */
  last_backfill?: Run | null | undefined;
  last_drift_check?: Run | null | undefined;
}

/** A backfill or a drift check, as `sync_last_run()` tells it. */
interface Run {
  /** Null: it did not come to its end. */
  finished_at: string | null;
  state?: unknown;
}

/** What it is judged by. */
export interface HealthContext {
  now: Date;
  /** Longer without any event is `silent`; null: never. */
  silentAfterHours: number | null;
  /** Whether the function refused several well-formed deliveries within HEALTH_WINDOW_MS, as far as it was asked. */
  isRefusing?: boolean;
}

/** So long refused deliveries count, and so long an event that was entered vouches for the secret that it was signed with. */
export const HEALTH_WINDOW_MS = 15 * 60_000;

/** A failure this fresh, with nothing applied after it, is going on. */
const FAILING_NOW_MS = 15 * 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Longer without an event is said, though many an app is as quiet. */
const QUIET_DAYS = 2;
/** A drift check a week, and a day late. */
const COMPARED_DAYS = 8;

/** Judges the sync. A null status: the database did not answer. */
export function judgeHealth(status: HealthStatus | null, context: HealthContext): Health {
  if (status === null) return { word: "unreachable", reason: "The database does not answer." };
  const { last, open } = status;
  const { now, silentAfterHours, isRefusing = false } = context;

  if (open.failed > 0) {
    const what = isFailingNow(last, now)
      ? `${events(open.failed)} failed, and none was applied since`
      : `${events(open.failed)} failed and ${open.failed === 1 ? "is" : "are"} still open`;
    const cause = open.newest_error ? ` (the newest: ${open.newest_error})` : "";
    return { word: "failing", reason: `${what}${cause}.` };
  }
  if (isRefusing) {
    const reason = isVouchedFor(last, now)
      ? "Some deliveries are not signed with the secret that is set; others are, and are entered."
      : "Deliveries arrive, and none of them is signed with the secret that is set.";
    return { word: "refused", reason };
  }
  const latest = latestOf(Object.values(last));
  if (latest === null) return { word: "no_events", reason: "No event has arrived yet." };
  if (silentAfterHours !== null && now.getTime() - latest > silentAfterHours * HOUR_MS) {
    return { word: "silent", reason: `No event for more than ${hours(silentAfterHours)}.` };
  }
  if (open.rejected > 0) {
    const verb = open.rejected === 1 ? "was" : "were";
    return {
      word: "rejected",
      reason: `${events(open.rejected)} ${verb} rejected; the others are applied.`,
    };
  }
  const caveats = caveatsOf(status, Math.floor((now.getTime() - latest) / DAY_MS), now);
  return { word: "ok", reason: ["Every event is settled.", ...caveats].join(" ") };
}

/** What `ok` does not say of itself: events that are settled are not all that there could be. */
function caveatsOf(status: HealthStatus, quietDays: number, now: Date): string[] {
  const { last_backfill: backfill, last_drift_check: check } = status;
  const caveats: string[] = [];
  if (quietDays >= QUIET_DAYS) caveats.push(`None has arrived for ${quietDays} days.`);
  if (backfill === null) {
    caveats.push("There was no backfill: who was in Clerk before the webhook may be missing.");
  } else if (backfill?.finished_at === null) {
    caveats.push("The last backfill did not come to its end.");
  }
  if (check === null) caveats.push("The database was never compared with Clerk.");
  else if (check) caveats.push(...caveatOfCheck(check, now));
  return caveats;
}

function caveatOfCheck({ finished_at, state }: Run, now: Date): string[] {
  if (finished_at === null) return ["The last comparison with Clerk did not come to its end."];
  const { outcome } = (state ?? {}) as { outcome?: unknown };
  if (outcome === "drift") return ["When the database was last compared with Clerk it differed."];
  if (outcome === "could_not_tell") return ["The last comparison with Clerk could not tell."];
  const days = Math.floor((now.getTime() - Date.parse(finished_at)) / DAY_MS);
  return days > COMPARED_DAYS ? [`The database was not compared with Clerk for ${days} days.`] : [];
}

function isFailingNow(last: HealthStatus["last"], now: Date): boolean {
  const failed = latestOf([last.failed]);
  if (failed === null || now.getTime() - failed > FAILING_NOW_MS) return false;
  const settled = latestOf([last.applied, last.stale]);
  return settled === null || failed > settled;
}

/**
 * Whether an event that was entered of late shows that the secret is right. What is ignored may be the doctor's own, signed
 * with the secret that is in question.
 */
export function isVouchedFor(
  { applied, stale, rejected, failed }: HealthStatus["last"],
  now: Date,
): boolean {
  const enteredAt = latestOf([applied, stale, rejected, failed]);
  return enteredAt !== null && now.getTime() - enteredAt <= HEALTH_WINDOW_MS;
}

function latestOf(times: (string | null | undefined)[]): number | null {
  const known = times.filter((time) => typeof time === "string").map((time) => Date.parse(time));
  return known.length > 0 ? Math.max(...known) : null;
}

function events(count: number): string {
  return count === 1 ? "1 event" : `${count} events`;
}

function hours(count: number): string {
  return count === 1 ? "1 hour" : `${count} hours`;
}
