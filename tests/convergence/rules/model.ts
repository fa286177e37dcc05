import type { Facts } from "./facts.ts";
import { memberRows } from "./members.ts";
import { organizationRows } from "./organizations.ts";
import { sessionRows } from "./sessions.ts";
import { sharedRows, type Tables } from "./tables.ts";
import { userRows } from "./users.ts";

/**
 * The state that the rules prescribe once these facts are known. A function of a set: it cannot depend on order,
 * number or concurrency of the deliveries. It is written from the rules, and shares nothing with what it judges.
 */
export function tablesAfter(facts: Facts): Tables {
  const users = userRows(facts);
  return {
    users,
    shared: sharedRows(users),
    organizations: organizationRows(facts),
    members: memberRows(facts),
    sessions: sessionRows(facts),
  };
}
