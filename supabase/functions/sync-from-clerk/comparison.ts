import type { ClerkApi } from "../_shared/clerk/api.ts";
import type { SyncDatabase } from "../_shared/sync/database.ts";
import type { Finding } from "../_shared/sync/finding.ts";

/** The two sides, and the clock. */
export interface Sides {
  clerk: ClerkApi;
  database: SyncDatabase;
  now: () => Date;
}

/** What differs. `isGone`: Clerk does not have the user or the organization that was asked for. */
export interface Comparison {
  findings: Finding[];
  isGone: boolean;
}
