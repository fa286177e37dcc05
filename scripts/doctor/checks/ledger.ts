import * as z from "zod/mini";
import { listOf } from "../../../supabase/functions/_clerk_sync/env.ts";
import { askProject } from "../ask_project.ts";
import type { Check, Context } from "../check.ts";
import { failure, ok } from "../finding.ts";
import { ping, PING_TYPE } from "../ping.ts";
import { troubleOf } from "../trouble.ts";

const Rows = z.array(z.object({ attempts: z.int() }));

/** Whether an event that was accepted is in this project's ledger, and not in another's. */
export const ledger: Check = {
  id: "ledger",
  title: "logging: ledger",
  needs: ["signed-accepted", "api-key"],
  async run(context) {
    const before = await attempts(context);
    if (before.kind === "trouble") return before.finding;
    const trouble = troubleOf(await ping(context, listOf(context.target.webhookSecret!.text)[0]!));
    if (trouble) return trouble;
    const after = await attempts(context);
    if (after.kind === "trouble") return after.finding;
    if (after.attempts > before.attempts) return ok("the signed event is in it");
    return failure(
      "the event was accepted, but is not in this project's ledger",
      "WEBHOOK_URL and SUPABASE_URL are of two projects: correct one of them.",
    );
  },
};

async function attempts({ project }: Context) {
  const args = { p_outcomes: ["ignored"], p_event_type: PING_TYPE, p_limit: 1 };
  const asked = await askProject(project, "list_events", Rows, args);
  if (asked.kind === "trouble") return asked;
  return { kind: "answer" as const, attempts: asked.answer[0]?.attempts ?? 0 };
}
