import type { Check } from "../check.ts";
import type { DataResult } from "../data_api.ts";
import { failure, ok, skipped } from "../finding.ts";
import { COLUMNS } from "./schema.ts";

/** Those that answer without writing anything, should they answer. */
const RPCS = ["bound_instance", "sync_status", "list_users", "list_events", "row_counts"];

/** Whether nobody reads or calls anything with the publishable key alone. */
export const anonymousAccess: Check = {
  id: "anonymous",
  title: "anonymous access refused",
  needs: [],
  async run({ anonymous }) {
    if (!anonymous) return skipped("SUPABASE_PUBLISHABLE_KEY is not set");
    for (const table of Object.keys(COLUMNS)) {
      const result = await anonymous.select(table, "id", { limit: 1 });
      if (isSilent(result)) return skipped("the project does not answer the publishable key");
      if (hasRows(result)) {
        return failure(
          `anybody reads ${table}`,
          `revoke all on public.${table} from anon, public;`,
        );
      }
    }
    for (const rpc of RPCS) {
      const result = await anonymous.rpc(rpc);
      if (isSilent(result)) return skipped("the project does not answer the publishable key");
      if (result.kind === "done") {
        return failure(
          `anybody calls ${rpc}`,
          `revoke execute on function public.${rpc} from anon, public;`,
        );
      }
    }
    return ok(`no row of ${Object.keys(COLUMNS).length} tables, none of ${RPCS.length} RPCs`);
  },
};

/** No answer of the Data API, or of another key than the project's: that proves nothing. */
function isSilent(result: DataResult): boolean {
  return result.kind === "refused" && !/^(42501|PGRST\w+)$/.test(result.code);
}

function hasRows(result: DataResult): boolean {
  return result.kind === "done" && (!Array.isArray(result.answer) || result.answer.length > 0);
}
