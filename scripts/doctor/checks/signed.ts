import { listOf } from "../../../supabase/functions/_shared/env.ts";
import type { Check } from "../check.ts";
import { failure, ok } from "../finding.ts";
import { ping } from "../ping.ts";
import { troubleOf } from "../trouble.ts";

/** Whether an event that is signed with our secret is taken: an event of a type that does nothing. */
export const signed: Check = {
  id: "signed-accepted",
  title: "signed event accepted",
  needs: ["reachable", "secret"],
  async run(context) {
    const { text, source } = context.target.webhookSecret!;
    const secrets = listOf(text);
    for (const [index, secret] of secrets.entries()) {
      const reply = await ping(context, secret);
      const trouble = troubleOf(reply);
      if (trouble || reply.kind === "unanswered") return trouble!;
      if (reply.status === 401) {
        const which = secrets.length > 1 ? ` (number ${index + 1})` : "";
        return failure(
          `the function has another secret than ${source}${which}, or its clock is over 5 minutes off`,
          "Copy the endpoint's Signing Secret; npx supabase secrets set CLERK_WEBHOOK_SECRET=…",
        );
      }
      if (reply.status !== 200 || reply.word !== "ignored") {
        return failure(
          `answered ${reply.status} ${reply.word ?? ""}, not 200 ignored`.replace(" ,", ","),
          "Deploy this project's function: npx supabase functions deploy clerk-webhook.",
        );
      }
    }
    return ok(
      secrets.length > 1 ? `200 ignored, with each of ${secrets.length} secrets` : "200 ignored",
    );
  },
};
