import type { Check } from "../check.ts";
import { failure, ok } from "../finding.ts";
import { troubleOf } from "../trouble.ts";

/** Whether the function is there: GET is what it refuses in words of its own. */
export const reachable: Check = {
  id: "reachable",
  title: "webhook reachable",
  needs: ["webhook-url"],
  async run({ target, ask }) {
    const reply = await ask(target.webhookUrl);
    const trouble = troubleOf(reply);
    if (trouble || reply.kind === "unanswered") return trouble!;
    if (reply.status === 405 && reply.word === "method_not_allowed") {
      return ok("answers; GET is refused with 405");
    }
    return failure(
      `GET is answered ${reply.status}, not 405: something else is there`,
      "Correct the URL, or deploy the function: npx supabase functions deploy clerk-webhook.",
    );
  },
};
