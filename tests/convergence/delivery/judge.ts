import type { Sql } from "postgres";
import type { History } from "../clerk/simulator.ts";
import { differences } from "../rules/difference.ts";
import { FactBook } from "../rules/facts.ts";
import { tablesAfter } from "../rules/model.ts";
import { readTables } from "./tables.ts";

/** What became of the deliveries of one event. */
export interface Sent {
  deliveries: number;
  /** Answered 200. */
  accepted: number;
}

/** What the database says of a history, once everything was delivered. */
export interface Verdict {
  /** Where the tables are not what the rules prescribe, a line a field. */
  differences: string[];
  /** Where the ledger does not hold what was answered, a line an event. */
  ledger: string[];
  /** The attempts that the ledger counted. */
  attempts: number;
}

/** Compares the rows of a history with the model, and its events in the ledger with what was sent, by svix-id. */
export async function judge(
  sql: Sql,
  { events, world }: History,
  sent: Map<string, Sent>,
): Promise<Verdict> {
  const [tables, entries] = await Promise.all([
    readTables(sql, world),
    sql<{ event_id: string; attempts: number; outcome: string }[]>`
      select event_id, attempts, outcome
      from clerk_sync.events
      where event_id = any(${events.map(({ id }) => id)})
    `,
  ]);
  const ledger = new Map(entries.map((entry) => [entry.event_id, entry]));
  const wrong = events.flatMap(({ id, type }) => {
    const { deliveries, accepted } = sent.get(id) ?? { deliveries: 0, accepted: 0 };
    const { outcome = "missing", attempts = 0 } = ledger.get(id) ?? {};
    const isSettled = outcome === "applied" || outcome === "stale";
    // Of a delivery that was cut off nobody knows whether it was counted.
    const addsUp = accepted === deliveries ? attempts === deliveries : attempts >= accepted;
    if (isSettled && addsUp) return [];
    return [`ledger ${id} (${type}): ${outcome}, ${attempts} attempts of ${deliveries} sent`];
  });
  return {
    differences: differences(tablesAfter(new FactBook(events)), tables),
    ledger: wrong,
    attempts: entries.reduce((sum, { attempts }) => sum + attempts, 0),
  };
}
