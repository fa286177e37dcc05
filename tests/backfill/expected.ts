import type { RunState } from "../../scripts/backfill/checkpoint.ts";
import { KIND_NAMES } from "../../scripts/clerk/kinds.ts";
import { isInForce, type World } from "../../scripts/converge/clerk/world.ts";
import type { Tables } from "../../scripts/converge/rules/tables.ts";
import { truth } from "../../scripts/converge/rules/truth.ts";

/** What a backfill into an empty project leaves: what Clerk holds, without what is deleted there, and no sessions. */
export function tablesOf({ users, organizations, memberships }: World): Tables {
  const lives = ({ deletedAt }: { deletedAt: number | null }) => deletedAt === null;
  return truth({
    users: users.filter(lives),
    organizations: organizations.filter(lives),
    memberships: memberships.filter(isInForce),
    sessions: [],
  });
}

/** Read, applied and unchanged of all kinds, as `12/12/0`. */
export function countsOf(state: RunState): string[] {
  return KIND_NAMES.map((name) => {
    const { read, applied, unchanged } = state[name];
    return `${read}/${applied}/${unchanged}`;
  });
}
