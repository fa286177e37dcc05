/** Arguments of `list_events`. */
export interface EventFilter {
  p_outcomes: string[] | null;
  p_event_type: string | null;
  p_clerk_id: string | null;
  p_before: string | null;
  p_limit: number;
}

/** What can be asked for, besides each outcome: those that need somebody. */
const OUTCOMES = ["applied", "stale", "ignored", "rejected", "failed", "closed"];
const PAGE_SIZE = 50;
const LONGEST = 200;

/** Reads the filter of a list of events from a URL's query; null when it is none. */
export function parseEventFilter(query: URLSearchParams): EventFilter | null {
  const [outcome, type, id, before] = ["outcome", "type", "id", "before"].map((name) =>
    query.get(name)?.trim() || null
  );
  if (outcome && outcome !== "open" && !OUTCOMES.includes(outcome)) return null;
  if ([type, id].some((text) => text && text.length > LONGEST)) return null;
  if (before && !isTime(before)) return null;
  return {
    p_outcomes: outcome === "open" ? ["failed", "rejected"] : outcome ? [outcome] : null,
    p_event_type: type ?? null,
    p_clerk_id: id ?? null,
    p_before: before ?? null,
    p_limit: PAGE_SIZE,
  };
}

/** As PostgreSQL writes times, in JSON and by itself, to the microsecond. */
function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d(:\d\d)?)$/.test(text);
}
