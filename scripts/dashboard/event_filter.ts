/** Arguments of `list_events`. */
interface EventFilter {
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
  if ([type, id].some((text) => text && !isName(text))) return null;
  if (before && !isTime(before)) return null;
  return {
    p_outcomes: outcome === "open" ? ["failed", "rejected"] : outcome ? [outcome] : null,
    p_event_type: type ?? null,
    p_clerk_id: id ?? null,
    p_before: before ?? null,
    p_limit: PAGE_SIZE,
  };
}

/** PostgreSQL has no NUL in its texts. */
function isName(text: string): boolean {
  return text.length <= LONGEST && !text.includes("\0");
}

const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,6})?(Z|[+-](\d\d)(:(\d\d))?)$/;

/** As PostgreSQL writes times, in JSON and by itself, to the microsecond: one that there is, in years and zones that it has. */
function isTime(text: string): boolean {
  const [, date, time, , , hours = "0", , minutes = "0"] = text.match(TIME) ?? [];
  const at = Date.parse(`${date}T${time}Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(`${date}T${time}`) &&
    date! >= "0001" && Number(hours) <= 15 && Number(minutes) <= 59;
}
