import { type Ask, AskError, problemOf } from "../../scripts/dashboard/ask.ts";
import { type Dashboard, startDashboard } from "../../scripts/dashboard/server.ts";

/** One event of the ledger, as `sync_list_events` returns it. */
export type LedgerEvent = Record<string, string | number | null>;

const OUTCOMES = ["applied", "stale", "ignored", "rejected", "failed", "closed"];
const TIMINGS = { events: 12, p50: 38, p95: 420, p99: 1300 };

/**
 * A project without a database, whose answers follow from its events, all of the last hour; a problem is the code with
 * which every call fails.
 */
export function fakeProject(events: LedgerEvent[] = [], problem: string | null = null) {
  const calls: { name: string; args: object }[] = [];
  const project = { events, problem, calls };
  const ask: Ask = (name, args = {}) => {
    calls.push({ name, args });
    if (project.problem) {
      return Promise.reject(new AskError(problemOf({ code: project.problem, status: 503 })));
    }
    return Promise.resolve(answerOf(name, args as Filter, project.events));
  };
  return Object.assign(project, { ask });
}

/** An event that ended a few minutes ago. */
export function ledgerEvent(number: number, difference: LedgerEvent = {}): LedgerEvent {
  const at = new Date(Date.now() - (number + 1) * 20_000).toISOString();
  return {
    event_id: `msg_3EefEqmPtjms0QMD8BpQ1haM${String(number).padStart(3, "0")}`,
    event_type: "user.updated",
    object_id: `user_37OmO6KiGC50rCMMcL4eTbOtD${String(number).padStart(2, "0")}`,
    event_at: at,
    first_received_at: at,
    last_received_at: at,
    attempts: 1,
    outcome: "applied",
    outcome_at: at,
    error_code: null,
    error: null,
    ...difference,
  };
}

interface Filter {
  p_outcomes?: string[] | null;
  p_event_type?: string | null;
  p_clerk_id?: string | null;
}

function answerOf(name: string, filter: Filter, events: LedgerEvent[]): unknown {
  switch (name) {
    case "sync_status":
      return statusOf(events);
    case "sync_event_series":
      return seriesOf(events);
    case "sync_list_events":
      return events.filter((event) => fits(event, filter));
    default:
      return Object.fromEntries(
        ["users", "organizations", "organization_members", "user_sessions"]
          .map((table) => [table, { rows: 1234, is_estimate: table === "users" }]),
      );
  }
}

function fits(event: LedgerEvent, { p_outcomes, p_event_type, p_clerk_id }: Filter): boolean {
  return (!p_outcomes || p_outcomes.includes(event.outcome as string)) &&
    (!p_event_type || p_event_type === event.event_type) &&
    (!p_clerk_id || p_clerk_id === event.object_id);
}

function statusOf(events: LedgerEvent[]) {
  const of = (outcome: string) => events.filter((event) => event.outcome === outcome);
  const counts: Record<string, Record<string, number>> = {};
  for (const { event_type, outcome } of events) {
    const ofType = counts[event_type as string] ??= {};
    ofType[outcome as string] = (ofType[outcome as string] ?? 0) + 1;
  }
  const spans = <T>(value: T) => ({ hour: value, day: value, week: value });
  return {
    now: new Date().toISOString(),
    instance: "ins_2g7np7Hrk0SN6kj5EDMLDaKNL0S",
    last: Object.fromEntries(
      OUTCOMES.map((outcome) => [outcome, of(outcome)[0]?.outcome_at ?? null]),
    ),
    events: spans(counts),
    delay_ms: spans(TIMINGS),
    apply_ms: spans(TIMINGS),
    open: { failed: of("failed").length, rejected: of("rejected").length, oldest_at: null },
    last_backfill: null,
    last_drift_check: null,
  };
}

function seriesOf(events: LedgerEvent[]) {
  const counts = new Map<string, number>();
  for (const { outcome_at, outcome } of events) {
    const key = `${(outcome_at as string).slice(0, 16)}:00Z ${outcome}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, events]) => {
    const [minute_at, outcome] = key.split(" ");
    return { minute_at, outcome, events };
  });
}

/** The page's server, on a free port unless the test names one, with what the test gives it to ask. */
export function serve(ask: Ask, intervalMs = 100, port = 0): Promise<Dashboard> {
  return startDashboard({
    port,
    ask,
    askHealth: () => Promise.resolve("ok"),
    project: "project.example",
    silentAfterHours: null,
    intervalMs,
    now: () => new Date(),
  });
}
