import type { Check } from "../check.ts";
import { failure, ok } from "../finding.ts";

/** The columns that the app was promised, and those that the sync adds. */
export const COLUMNS: Record<string, string> = {
  users: "id,external_id,email,full_name,avatar_url,created_at,updated_at," +
    "username,banned,deprovisioned,public_metadata,deleted_at",
  public_user_data: "id,external_id,full_name,avatar_url,username,email",
  organizations: "id,external_id,name,slug,plan,timezone,created_at,updated_at," +
    "logo_url,created_by,public_metadata,deleted_at",
  organization_members: "id,organization_id,user_id,role,status,joined_at,clerk_role",
  user_sessions:
    "id,external_id,user_external_id,actor_external_id,status,created_at,updated_at,ended_at",
};

/** Whether the tables have their columns, as the Data API sees them. */
export const schema: Check = {
  id: "schema",
  title: "tables and columns",
  needs: ["api-key"],
  async run({ project }) {
    for (const [table, columns] of Object.entries(COLUMNS)) {
      const result = await project.select(table, columns);
      if (result.kind === "done") continue;
      const what = /^(42P01|PGRST205)$/.test(result.code)
        ? "is missing"
        : /^(42703|PGRST204)$/.test(result.code)
        ? "lacks a column"
        : "can't be read";
      return failure(
        `${table} ${what} (${result.code})`,
        "npx supabase db push --remote; if it was just done: notify pgrst, 'reload schema'.",
      );
    }
    return ok(`${Object.keys(COLUMNS).join(", ")} are as expected`);
  },
};
