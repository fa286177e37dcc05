import * as z from "zod/mini";
import { askProject } from "../ask_project.ts";
import type { Check } from "../check.ts";
import { failure, ok } from "../finding.ts";

const Tables = z.array(z.object({
  table_name: z.string(),
  has_row_level_security: z.boolean(),
  anon_may: z.array(z.string()),
  authenticated_may: z.array(z.string()),
}));

/** Whether every table of the sync has row level security, and grants no more than it should. */
export const rowLevelSecurity: Check = {
  id: "row-level-security",
  title: "row level security",
  needs: ["api-key"],
  async run({ project }) {
    const asked = await askProject(project, "describe_tables", Tables);
    if (asked.kind === "trouble") return asked.finding;
    for (
      const { table_name, has_row_level_security, anon_may, authenticated_may } of asked.answer
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
      const allowed = table_name.startsWith("public.") ? ["select"] : [];
      const more = authenticated_may.filter((privilege) => !allowed.includes(privilege));
      if (more.length > 0) {
        return failure(
          `authenticated may ${more.join(", ")} on ${table_name}`,
          `revoke ${more.join(", ")} on ${table_name} from authenticated, public;`,
        );
      }
    }
    if (asked.answer.length === 0) {
      return failure("there is no table", "npx supabase db push --remote");
    }
    return ok(`on for all ${asked.answer.length} tables`);
  },
};
