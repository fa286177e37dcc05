import * as z from "zod/mini";
import { askProject } from "../ask_project.ts";
import type { Check } from "../check.ts";
import { ok, warning } from "../finding.ts";

const Keys = z.array(z.object({
  constraint_name: z.string(),
  table_name: z.string(),
  referenced_table: z.string(),
}));

/** Whether a foreign key of the app's keeps rows that the sync deletes. Access ends all the same. */
export const keepingKeys: Check = {
  id: "keeping-keys",
  title: "foreign keys of the app",
  needs: ["api-key"],
  async run({ project }) {
    const asked = await askProject(project, "describe_keeping_keys", Keys);
    if (asked.kind === "trouble") return asked.finding;
    if (asked.answer.length === 0) return ok("none keeps what the sync deletes");
    const named = asked.answer.map(({ constraint_name, table_name, referenced_table }) =>
      `${constraint_name} of ${table_name} keeps rows of ${referenced_table}`
    );
    return warning(
      named.join("; "),
      "A member who left stays as an inactive row, a sign-in is not purged: on delete cascade or set null, or heed status.",
    );
  },
};
