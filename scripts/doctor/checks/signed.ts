import { listOf } from "../../../supabase/functions/_clerk_sync/env.ts";
import type { Reply } from "../ask.ts";
import type { Check, Context } from "../check.ts";
import { failure, ok } from "../finding.ts";
import { ping } from "../ping.ts";
import { isLimited, troubleOf } from "../trouble.ts";

/** Whether an event that is signed with our secret is taken: an event of a type that does nothing. */
export const signed: Check = {
  id: "signed-accepted",
  title: "signed event accepted",
  needs: ["reachable", "secret"],
  async run(context) {
    const { text, source } = context.target.webhookSecret!;
    const secrets = listOf(text);
    for (const [index, secret] of secrets.entries()) {
      const reply = await pingPatiently(context, secret);
      const trouble = isLimited(reply) ? null : troubleOf(reply);
      if (trouble || reply.kind === "unanswered") return trouble!;
      // An address that has sent much in vain is told 429 in place of 401; what is signed rightly is taken all the same.
      if (reply.status === 401 || isLimited(reply)) {
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

const BUSY_MS = 1_000;

/** A function that is busy for a moment is asked once more. */
async function pingPatiently(context: Context, secret: string): Promise<Reply> {
  const reply = await ping(context, secret);
  if (!isLimited(reply)) return reply;
  await new Promise((resume) => setTimeout(resume, BUSY_MS));
  return await ping(context, secret);
}
