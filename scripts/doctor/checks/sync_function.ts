import type { Check } from "../check.ts";
import { failure, ok, skipped, warning } from "../finding.ts";
import { troubleOf } from "../trouble.ts";

/** Whether the function for a manual sync is there, and asks who calls. */
export const syncFunction: Check = {
  id: "sync-function",
  title: "sync-from-clerk",
  needs: [],
  async run({ target: { projectUrl }, ask }) {
    if (!projectUrl) return skipped("no project: SUPABASE_URL is not set");
    const url = new URL("/functions/v1/sync-from-clerk?clerkUserId=user_doctor", projectUrl);
    const reply = await ask(url);
    if (reply.kind === "answered") {
      const { status, word } = reply;
      if (status === 401 && word === "missing_token") {
        return ok("401 missing_token without a token");
      }
      if (status === 404) {
        return warning(
          "not deployed: no manual sync",
          "npx supabase functions deploy sync-from-clerk",
        );
      }
      if (word === "misconfigured") {
        return warning(
          "500 misconfigured: no manual sync",
          "Set CLERK_SECRET_KEY for the functions (locally in supabase/functions/.env); the log names what is missing.",
        );
      }
      if (status < 300) {
        return failure(`answered ${status} without a token`, "Deploy this project's function.");
      }
    }
    return troubleOf(reply) ??
      warning("answers something else than 401 missing_token", "Deploy this project's function.");
  },
};
