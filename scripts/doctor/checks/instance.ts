import * as z from "zod/mini";
import { isExample } from "../../clerk/examples.ts";
import { ago, daysSince } from "../ago.ts";
import { askProject } from "../ask_project.ts";
import type { Check } from "../check.ts";
import { ok, warning } from "../finding.ts";

const LATELY_DAYS = 7;

/** As many of the newest ignored events as the ledger gives at once. */
const LOOKED_AT = 500;

const Ignored = z.array(z.object({
  event_type: z.string(),
  object_id: z.nullable(z.string()),
  outcome_at: z.string(),
  error_code: z.nullable(z.string()),
}));

const SWITCH = "if it is to follow the other one: npm run backfill -- --switch-instance";

/** Whether all agree on whose events these are: the environment, the project, and who sends. */
export const instance: Check = {
  id: "instance",
  title: "Clerk instance",
  needs: ["api-key"],
  async run({ project, target: { clerkInstanceId }, now }) {
    const bound = await askProject(project, "bound_instance", z.nullable(z.string()));
    if (bound.kind === "trouble") return bound.finding;
    if (clerkInstanceId !== null && bound.answer !== null && clerkInstanceId !== bound.answer) {
      return warning(
        `CLERK_INSTANCE_ID is ${clerkInstanceId}, the project follows ${bound.answer}`,
        `Correct CLERK_INSTANCE_ID, here and by npx supabase secrets set; ${SWITCH}.`,
      );
    }

    const args = { p_outcomes: ["ignored"], p_limit: LOOKED_AT };
    const asked = await askProject(project, "list_events", Ignored, args);
    if (asked.kind === "trouble") return asked.finding;
    // "Send Example" names an instance that nobody has.
    const others = asked.answer.filter(({ error_code, object_id, outcome_at }) =>
      error_code === "other_instance" && !isExample(object_id ?? "") &&
      daysSince(new Date(outcome_at), now()) <= LATELY_DAYS
    );
    const [newest] = others;
    if (newest) {
      const when = ago(new Date(newest.outcome_at), now());
      return warning(
        `${others.length} ignored of late, for they are another instance's; the last one ${when}, ${newest.event_type}`,
        "Two instances deliver to this URL: delete the endpoint in the Dashboard of the one that the project " +
          `does not follow; ${SWITCH}, and correct CLERK_INSTANCE_ID.`,
      );
    }
    return ok(bound.answer === null ? "the project follows none yet" : bound.answer);
  },
};
