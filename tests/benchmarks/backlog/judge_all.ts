import type { Sql } from "postgres";
import { judge } from "../../../scripts/converge/judge.ts";
import { type Backlog, historiesOf } from "./histories.ts";

/** What the database holds of a backlog. */
export interface Judged {
  events: number;
  histories: number;
  /** Of which rows or ledger are not what the model of the rules prescribes. */
  wrong: number;
}

/** Compares the end of each history with the model, every event having been accepted at its first delivery. */
export async function judgeAll(sql: Sql, backlog: Backlog): Promise<Judged> {
  const judged = { events: 0, histories: 0, wrong: 0 };
  for (const history of historiesOf(backlog)) {
    const once = new Map(history.order.map(({ id }) => [id, { deliveries: 1, accepted: 1 }]));
    const { differences, ledger } = await judge(sql, history, once);
    judged.events += history.order.length;
    judged.histories++;
    if (differences.length + ledger.length > 0) judged.wrong++;
  }
  return judged;
}
