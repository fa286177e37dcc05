import { type Ask, AskError, problemOf } from "../../scripts/dashboard/ask.ts";
import { type Dashboard, startDashboard } from "../../scripts/dashboard/server.ts";

/** One event of the ledger, as `sync_list_events` returns it. */
export type LedgerEvent = Record<string, string | number | null>;

const OUTCOMES = ["applied", "stale", "ignored", "rejected", "failed", "closed"];
const RUN = { finished_at: new Date().toISOString(), updated_at: new Date().toISOString() };
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
    user_external_id: null,
    organization_external_id: null,
    event_at: at,
    first_received_at: at,
    last_received_at: at,
    attempts: 1,
    outcome: "applied",
    outcome_at: at,
    effect: "changed",
    apply_ms: 7,
    next_attempt_at: null,
    error_code: null,
    error: null,
    ...difference,
  };
}

interface Filter {
  p_outcomes?: string[] | null;
  p_event_type?: string | null;
  p_clerk_id?: string | null;
  p_since?: string | null;
  p_before?: string | null;
}

function answerOf(name: string, filter: Filter, events: LedgerEvent[]): unknown {
  switch (name) {
    case "sync_status":
      return statusOf(events);
    case "sync_event_series":
      return seriesOf(events);
    case "sync_list_events":
      return events.filter((event) => fits(event, filter));
    case "sync_open_causes":
      return causesOf(events);
    default:
      return Object.fromEntries(
        ["users", "organizations", "organization_members", "user_sessions"]
          .map((table) => [table, {
            rows: 1234,
            deleted: table === "organizations" ? 12 : null,
            is_estimate: table === "users",
          }]),
      );
  }
}

function fits(event: LedgerEvent, filter: Filter): boolean {
  const { p_outcomes, p_event_type, p_clerk_id, p_since, p_before } = filter;
  return (!p_outcomes || p_outcomes.includes(event.outcome as string)) &&
    (!p_event_type || p_event_type === event.event_type) &&
    (!p_clerk_id || [event.object_id, event.event_id].includes(p_clerk_id)) &&
    (!p_since || event.outcome_at! >= p_since) && (!p_before || event.outcome_at! < p_before);
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
    // In the order of PostgreSQL's jsonb, which is none.
    last_backfill: {
      ...RUN,
      state: { users: { read: 12_000 }, invitations: { read: 1 }, organizations: { read: 30 } },
    },
    last_drift_check: { ...RUN, state: { outcome: "in_sync" } },
  };
}

function causesOf(events: LedgerEvent[]) {
  const causes = new Map<string, LedgerEvent[]>();
  for (const event of events.filter(({ outcome }) => /failed|rejected/.test(String(outcome)))) {
    const key = JSON.stringify([event.outcome, event.error_code, event.error]);
    causes.set(key, [...causes.get(key) ?? [], event]);
  }
  return [...causes.values()].map((those) => {
    const [{ outcome, error_code, error, event_id, outcome_at }] = those as [LedgerEvent];
    return {
      outcome,
      error_code,
      error,
      events: those.length,
      event_types: { [String(those[0]!.event_type)]: those.length },
      first_received_at: those.at(-1)!.outcome_at,
      last_received_at: outcome_at,
      next_attempt_at: outcome === "failed" ? new Date(Date.now() + 240_000).toISOString() : null,
      not_again: outcome === "failed" ? 0 : those.length,
      newest_event_id: event_id,
    };
  });
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
    askRefused: () => Promise.resolve(0),
    project: new URL("https://project.example"),
    silentAfterHours: null,
    refusedAfterEvents: 3,
    intervalMs,
    now: () => new Date(),
  });
}
