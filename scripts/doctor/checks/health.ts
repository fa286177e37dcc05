import type { Check } from "../check.ts";
import { failure, ok, warning } from "../finding.ts";
import { troubleOf } from "../trouble.ts";

/** Whether the function itself says that it is well. Other lines say more of what the database knows. */
export const health: Check = {
  id: "health",
  title: "health",
  needs: ["reachable"],
  async run({ target: { webhookUrl }, ask }) {
    const reply = await ask(`${webhookUrl.replace(/\/$/, "")}/health`);
    if (reply.kind === "unanswered") return troubleOf(reply)!;
    const { status, text } = reply;
    if (status === 200 && text === "ok") return ok("200 ok");
    if (status === 503 && text === "refused") {
      return failure(
        "503 refused: deliveries arrive, and none of them is signed with the function's secret",
        "Clerk's Dashboard, Webhooks, the endpoint with this URL: copy its Signing Secret, then npx supabase secrets " +
          "set CLERK_WEBHOOK_SECRET=… If its Message Attempts succeed, the deliveries are another endpoint's, or a stranger's.",
      );
    }
    if (status === 503 && text === "misconfigured") {
      return failure(
        "503 misconfigured: the function lacks a variable",
        "npx supabase secrets set CLERK_WEBHOOK_SECRET=…; the function's log names what is missing.",
      );
    }
    if (status === 503 && /^(failing|silent|database)$/.test(text)) {
      return warning(`503 ${text}`, "The lines below say more; npm run events lists what failed.");
    }
    return troubleOf(reply) ??
      warning("answers no health", "Deploy this project's function.");
  },
};
