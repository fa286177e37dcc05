import * as z from "zod/mini";
import type { Check } from "../check.ts";
import { failure, ok, warning } from "../finding.ts";
import { askProject } from "../ask_project.ts";

const PUSH = "npx supabase db push --remote";

/** Whether the migrations of this folder are applied. */
export const migrations: Check = {
  id: "migrations",
  title: "migrations",
  needs: ["api-key"],
  async run({ project, expected }) {
    const asked = await askProject(project, "applied_migrations", z.nullable(z.array(z.string())));
    if (asked.kind === "trouble") return asked.finding;
    if (asked.answer === null) {
      return warning(
        "the database does not record them",
        "Apply them by the Supabase CLI, which does.",
      );
    }
    const applied = new Set(asked.answer);
    const missing = expected.migrations.filter((version) => !applied.has(version));
    if (missing.length > 0) {
      return failure(
        `${missing.length} of ${expected.migrations.length} are missing, the first is ${
          missing[0]
        }`,
        PUSH,
      );
    }
    return ok(
      `all ${expected.migrations.length} applied, the newest is ${expected.migrations.at(-1)}`,
    );
  },
};
