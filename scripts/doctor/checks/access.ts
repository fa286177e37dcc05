import * as z from "zod/mini";
import { type Context, failure, type Finding, ok, skipped, warning } from "../check.ts";
import { askProject, type DataResult, PUSH } from "../project.ts";
import { COLUMNS } from "./database.ts";

const Tables = z.array(z.object({
  table_name: z.string(),
  has_row_level_security: z.boolean(),
  anon_may: z.array(z.string()),
  authenticated_may: z.array(z.string()),
}));

/** Whether every table of the sync has row level security, and grants no more than it should. */
export async function rowLevelSecurity({ project }: Context): Promise<Finding> {
  const answer = await askProject(project, "sync_describe_tables", Tables);
  for (
    const { table_name, has_row_level_security, anon_may, authenticated_may } of answer
  ) {
    if (!has_row_level_security) {
      return failure(
        `off on ${table_name}`,
        `alter table ${table_name} enable row level security;`,
      );
    }
    if (anon_may.length > 0) {
      return failure(
        `anon may ${anon_may.join(", ")} on ${table_name}`,
        `revoke all on ${table_name} from anon, public;`,
      );
    }
    const allowed = table_name.startsWith("clerk_sync.") ? [] : ["select"];
    const more = authenticated_may.filter((privilege) => !allowed.includes(privilege));
    if (more.length > 0) {
      return failure(
        `authenticated may ${more.join(", ")} on ${table_name}`,
        `revoke ${more.join(", ")} on ${table_name} from authenticated, public;`,
      );
    }
  }
  if (answer.length === 0) {
    return failure("there is no table", PUSH);
  }
  return ok(`on for all ${answer.length} tables`);
}

/** Those that answer without writing anything, should they answer. */
const RPCS = [
  "sync_bound_instance",
  "sync_status",
  "sync_list_users",
  "sync_list_events",
  "sync_open_causes",
  "sync_row_counts",
];

/** Whether nobody reads or calls anything with the publishable key alone. */
export async function anonymousAccess({ anonymous }: Context): Promise<Finding> {
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
}

/** No answer of the Data API, or of another key than the project's: that proves nothing. */
function isSilent(result: DataResult): boolean {
  return result.kind === "refused" && !/^(42501|PGRST\w+)$/.test(result.code);
}

function hasRows(result: DataResult): boolean {
  return result.kind === "done" && (!Array.isArray(result.answer) || result.answer.length > 0);
}

/** Whether the Data API keeps away from what is private to the sync. */
export async function privateSchema({ project }: Context): Promise<Finding> {
  const result = await project.select("events", "event_id", { schema: "clerk_sync" });
  if (result.kind === "refused" && result.code === "PGRST106") {
    return ok("the Data API does not know it");
  }
  const fix = "Take clerk_sync out of the exposed schemas (Dashboard, Project Settings, Data API).";
  if (result.kind === "refused" && result.code === "42501") {
    return warning("it is exposed, though its tables are closed", fix);
  }
  return result.kind === "done"
    ? failure("the Data API exposes it", fix)
    : failure(`could not be told (${result.code})`, "Run it again.");
}

const Keys = z.array(z.object({
  constraint_name: z.string(),
  table_name: z.string(),
  referenced_table: z.string(),
}));

/** Whether a foreign key of the app's keeps rows that the sync deletes. Access ends all the same. */
export async function keepingKeys({ project }: Context): Promise<Finding> {
  const answer = await askProject(project, "sync_describe_keeping_keys", Keys);
  if (answer.length === 0) return ok("none keeps what the sync deletes");
  const named = answer.map(({ constraint_name, table_name, referenced_table }) =>
    `${constraint_name} of ${table_name} keeps rows of ${referenced_table}`
  );
  return warning(
    named.join("; "),
    "A member who left stays as an inactive row, a sign-in is not purged: on delete cascade or set null, or heed status.",
  );
}
