import type { UserBody } from "../clerk/event.ts";
import type { Facts } from "./facts.ts";
import type { Tables } from "./tables.ts";
import { newest } from "./version.ts";

/** The newest snapshot of each session, and who acts in it by any; a session that is not over ends with its user. */
export function sessionRows(facts: Facts): Tables["sessions"] {
  const rows: Tables["sessions"] = new Map();
  for (const [id, claims] of facts.sessions) {
    const { body, event } = newest(claims)!;
    const isOver = body.status !== "active";
    const withUser = endOfUser(body.user_id, body.created_at, facts);
    rows.set(id, {
      external_id: id,
      user_external_id: body.user_id,
      client_id: body.client_id,
      actor_external_id: claims.find((claim) => claim.body.actor)?.body.actor?.sub ?? null,
      status: !isOver && withUser !== null ? "revoked" : body.status,
      created_at: body.created_at,
      last_active_at: body.last_active_at,
      expire_at: body.expire_at,
      ended_at: isOver ? event.timestamp : withUser,
    });
  }
  return rows;
}

/** When its user was deleted, or last said by a snapshot to be barred after it began; the earlier of both. */
function endOfUser(user: string, createdAt: number, { users, deletedAt }: Facts): number | null {
  const barred = (users.get(user) ?? []).flatMap(({ body, updatedAt }) =>
    updatedAt !== null && isBarred(body) ? [updatedAt] : []
  );
  const ends = [deletedAt.get(user), ...latestSince(createdAt, barred)].filter((at) =>
    at !== undefined
  );
  return ends.length > 0 ? Math.min(...ends) : null;
}

function isBarred({ banned, deprovisioned }: Pick<UserBody, "banned" | "deprovisioned">): boolean {
  return banned || deprovisioned;
}

function latestSince(from: number, times: number[]): number[] {
  const latest = Math.max(...times);
  return times.length > 0 && latest >= from ? [latest] : [];
}
