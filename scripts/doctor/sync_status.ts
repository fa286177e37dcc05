import * as z from "zod/mini";
import { askProject } from "./ask_project.ts";
import type { DataApi } from "./data_api.ts";

const Run = z.nullable(z.looseObject({
  state: z.unknown(),
  updated_at: z.string(),
  finished_at: z.nullable(z.string()),
}));

const SyncStatus = z.looseObject({
  last: z.record(z.string(), z.nullable(z.string())),
  open: z.looseObject({
    failed: z.int(),
    rejected: z.int(),
    oldest_at: z.nullable(z.string()),
    newest_error: z.nullish(z.string()),
  }),
  last_backfill: Run,
  last_drift_check: Run,
});

/** A backfill or a drift check; null when there was none. */
export type SyncRun = z.infer<typeof Run>;

/** Asks how the sync is doing. */
export function askStatus(project: DataApi) {
  return askProject(project, "sync_status", SyncStatus);
}
