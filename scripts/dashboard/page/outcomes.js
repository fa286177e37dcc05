/** The outcomes of events, in the order in which they are shown. */
export const OUTCOMES = ["applied", "stale", "ignored", "rejected", "failed", "closed"];

/** What each means, for a title. */
export const MEANINGS = {
  applied: "written to the tables",
  stale: "a newer state was already there",
  ignored: "a type or an instance that the sync does not follow",
  rejected: "not what Clerk sends, or not storable",
  failed: "the database could not apply it yet",
  closed: "given up by hand",
};

/** Sums counts by type and outcome over the types. */
export function byOutcome(counts) {
  const sums = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0]));
  for (const outcomes of Object.values(counts)) {
    for (const [outcome, events] of Object.entries(outcomes)) sums[outcome] += events;
  }
  return sums;
}
