import type { ClerkApi } from "../_clerk_sync/clerk/api.ts";
import type { SyncDatabase } from "../_clerk_sync/sync/database.ts";
import type { Finding } from "../_clerk_sync/sync/finding.ts";

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
