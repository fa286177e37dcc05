import type { Facts } from "./facts.ts";
import type { Tables } from "./tables.ts";
import { newest } from "./version.ts";

/** The newest snapshot of each session. */
export function sessionRows({ sessions }: Facts): Tables["sessions"] {
  const rows: Tables["sessions"] = new Map();
  for (const [id, claims] of sessions) {
    const { body, event } = newest(claims)!;
    rows.set(id, {
      external_id: id,
      user_external_id: body.user_id,
      client_id: body.client_id,
      status: body.status,
      created_at: body.created_at,
      last_active_at: body.last_active_at,
      expire_at: body.expire_at,
      ended_at: body.status === "active" ? null : event.timestamp,
    });
  }
  return rows;
}
