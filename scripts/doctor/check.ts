import type { ClerkApi, ClerkApiOptions } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import type { Ask } from "./ask.ts";
import type { DataApi } from "./data_api.ts";
import type { Expected } from "./expected.ts";
import type { Finding } from "./finding.ts";
import type { Target } from "./target.ts";

/** What a check works with. */
export interface Context {
  target: Target;
  ask: Ask;
  /** With the secret key; only for checks that need `api-key`. */
  project: DataApi;
  /** With the publishable key; null where there is none. */
  anonymous: DataApi | null;
  expected: Expected;
  /** How far the clocks of the answers were ahead of ours so far, in seconds. */
  skews: number[];
  now: () => Date;
  createClerk: (options: ClerkApiOptions) => ClerkApi;
  timeoutMs: number;
}

/** One line of the doctor. */
export interface Check {
  /** Fixed, for programs. */
  id: string;
  title: string;
  /** Ids of checks that must not have failed nor been skipped. */
  needs: string[];
  run(context: Context): Promise<Finding> | Finding;
}
