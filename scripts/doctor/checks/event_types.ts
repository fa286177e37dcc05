import * as z from "zod/mini";
import { STORY_TYPES } from "../../simulate/samples.ts";
import { askProject } from "../ask_project.ts";
import type { Check } from "../check.ts";
import { ok, warning } from "../finding.ts";

const Metrics = z.looseObject({ events: z.record(z.string(), z.unknown()) });

/** Whether an event of each required type was ever seen: none is the sign of one that is not enabled. */
export const eventTypes: Check = {
  id: "event-types",
  title: "required event types",
  needs: ["api-key"],
  async run({ project }) {
    const asked = await askProject(project, "sync_metrics", Metrics);
    if (asked.kind === "trouble") return asked.finding;
    const missing = STORY_TYPES.filter((type) => !Object.hasOwn(asked.answer.events, type));
    if (missing.length === 0) return ok(`all ${STORY_TYPES.length} seen`);
    return warning(
      `${STORY_TYPES.length - missing.length} of ${STORY_TYPES.length} seen; not yet: ${
        missing.join(", ")
      }`,
      "Clerk's Dashboard, Webhooks, the endpoint, Subscribed events: enable them. One that never happened can't be seen.",
    );
  },
};
