import type { Check } from "../check.ts";
import { failure, ok } from "../finding.ts";

/** Those that write nothing but counts. */
const READ_ONLY: [string, object][] = [
  ["bound_instance", {}],
  ["last_sync_run", { p_kind: "drift" }],
  ["sync_status", {}],
  ["sync_metrics", {}],
  ["event_series", { p_minutes: 1 }],
  ["row_counts", {}],
  ["list_events", { p_limit: 1 }],
  ["list_users", { p_limit: 1 }],
  ["list_orgs", { p_limit: 1 }],
  ["list_memberships", { p_limit: 1 }],
  ["compare_users", { p_users: [] }],
  ["compare_orgs", { p_organizations: [] }],
  ["compare_memberships", { p_memberships: [] }],
  ["erase_on_delete", {}],
];

/** Whether the RPCs that only read can be called: the database works, and so does monitoring. */
export const rpcsAnswer: Check = {
  id: "rpcs-answer",
  title: "RPCs answer",
  needs: ["api-key"],
  async run({ project }) {
    for (const [name, args] of READ_ONLY) {
      const result = await project.rpc(name, args);
      if (result.kind === "done") continue;
      return failure(
        `${name} fails (${result.code})`,
        "npx supabase db push --remote; then look at the project's log.",
      );
    }
    return ok(`${READ_ONLY.length} that only read were called`);
  },
};
