import * as z from "zod/mini";
import { askProject } from "../ask_project.ts";
import type { Check } from "../check.ts";
import { ok, warning } from "../finding.ts";

/** Whether the ledger is kept from growing for ever. */
export const purge: Check = {
  id: "purge",
  title: "retention",
  needs: ["api-key"],
  async run({ project }) {
    const asked = await askProject(project, "is_purge_scheduled", z.nullable(z.boolean()));
    if (asked.kind === "trouble") return asked.finding;
    if (asked.answer) return ok("pg_cron purges the ledger");
    return asked.answer === null
      ? warning(
        "pg_cron is not enabled, or not granted: the purge is not scheduled",
        "Enable it (Dashboard, Integrations, Cron), then select public.schedule_purge(); or npm run purge by a cron of yours.",
      )
      : warning(
        "the purge is not scheduled",
        "select public.schedule_purge(); which says what is in the way; or npm run purge by a cron of yours.",
      );
  },
};
