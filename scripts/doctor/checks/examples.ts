import * as z from "zod/mini";
import { erasureOf, EXAMPLE_ORGANIZATIONS, EXAMPLE_USERS } from "../../clerk/examples.ts";
import type { Check } from "../check.ts";
import { failure, ok, warning } from "../finding.ts";

const TABLES = [["organizations", EXAMPLE_ORGANIZATIONS], ["users", EXAMPLE_USERS]] as const;
const Rows = z.array(z.object({ external_id: z.string() }));

/** Whether rows are here that "Send Example" made: of nobody, but the app shows them. */
export const examples: Check = {
  id: "examples",
  title: "Clerk's examples",
  needs: ["schema"],
  async run({ project }) {
    const ids: string[] = [];
    for (const [table, known] of TABLES) {
      const where = `external_id=in.(${known.join(",")})&deleted_at=is.null`;
      const result = await project.select(table, "external_id", { limit: known.length, where });
      const rows = Rows.safeParse(result.kind === "done" ? result.answer : null);
      if (!rows.success) {
        return failure(`${table} can't be read`, "npx supabase db push --remote");
      }
      ids.push(...rows.data.map(({ external_id }) => external_id));
    }
    const erasure = erasureOf(ids);
    if (erasure === null) return ok("none is here");
    return warning(
      `${ids.join(", ")}: published by Clerk, delivered by "Send Example", and nobody of yours`,
      `To erase, in the SQL editor: ${erasure}`,
    );
  },
};
