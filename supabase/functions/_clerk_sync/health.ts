/** One word for how the sync is doing. */
export type HealthWord =
  | "ok"
  | "no_events"
  | "rejected"
  | "silent"
  | "refused"
  | "failing"
  | "unreachable";

/** The word, and one sentence that says why. It tells no age, so that it stays the same while nothing happens. */
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
}

/** What it is judged by. */
export interface HealthContext {
  now: Date;
  /** Longer without any event is `silent`; null: never. */
  silentAfterHours: number | null;
  /** Whether the function has refused several well-formed deliveries within HEALTH_WINDOW_MS, as far as it was asked. */
  isRefusing?: boolean;
}

/** So long refused deliveries count, and so long an event that was entered vouches for the secret that it was signed with. */
export const HEALTH_WINDOW_MS = 15 * 60_000;

/** A failure this fresh, with nothing applied after it, is going on. */
const FAILING_NOW_MS = 15 * 60_000;
const HOUR_MS = 3_600_000;

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
  if (isRefusing && !isVouchedFor(last, now)) {
    const reason = "Deliveries arrive, and none of them is signed with the secret that is set.";
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
  return { word: "ok", reason: "Every event is settled." };
}

function isFailingNow(last: HealthStatus["last"], now: Date): boolean {
  const failed = latestOf([last.failed]);
  if (failed === null || now.getTime() - failed > FAILING_NOW_MS) return false;
  const settled = latestOf([last.applied, last.stale]);
  return settled === null || failed > settled;
}

/** What is ignored may be the doctor's own, signed with the secret that is in question. */
function isVouchedFor({ applied, stale, rejected, failed }: HealthStatus["last"], now: Date) {
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
