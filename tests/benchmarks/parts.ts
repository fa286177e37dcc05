import type { Part } from "./part.ts";

/** Every part by its name, in the order in which they are run. Each is loaded when its turn comes. */
export const PARTS: Record<string, () => Promise<Part>> = {
  "sql": async () => (await import("./sql/sql.ts")).sql,
  "function": async () => (await import("./function/function.ts")).webhookAlone,
  "end-to-end": async () => (await import("./end_to_end/end_to_end.ts")).endToEnd,
  "growth": async () => (await import("./growth/growth.ts")).growth,
  "cold-start": async () => (await import("./cold_start/cold_start.ts")).coldStart,
  "backlog": async () => (await import("./backlog/backlog.ts")).backlog,
  "backfill": async () => (await import("./backfill/backfill.ts")).backfill,
  "row-level-security": async () =>
    (await import("./row_level_security/row_level_security.ts")).rowLevelSecurity,
  "sync-status": async () => (await import("./sync_status/sync_status.ts")).syncStatus,
  "flood": async () => (await import("./flood/flood.ts")).flood,
};
