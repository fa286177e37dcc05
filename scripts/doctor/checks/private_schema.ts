import type { Check } from "../check.ts";
import { failure, ok, warning } from "../finding.ts";

/** Whether the Data API keeps away from what is private to the sync. */
export const privateSchema: Check = {
  id: "private-schema",
  title: "clerk_sync not exposed",
  needs: ["api-key"],
  async run({ project }) {
    const result = await project.select("events", "event_id", { schema: "clerk_sync" });
    if (result.kind === "refused" && result.code === "PGRST106") {
      return ok("the Data API does not know it");
    }
    const fix =
      "Take clerk_sync out of the exposed schemas (Dashboard, Project Settings, Data API).";
    if (result.kind === "refused" && result.code === "42501") {
      return warning("it is exposed, though its tables are closed", fix);
    }
    return result.kind === "done"
      ? failure("the Data API exposes it", fix)
      : failure(`could not be told (${result.code})`, "Run it again.");
  },
};
