import type { Check } from "../check.ts";
import { failure, ok } from "../finding.ts";
import { isLimited, troubleOf } from "../trouble.ts";

/** Whether what nobody signed is refused. */
export const unsigned: Check = {
  id: "unsigned-refused",
  title: "unsigned request refused",
  needs: ["reachable"],
  async run({ target, ask }) {
    const body = JSON.stringify({ type: "doctor.ping", object: "event", data: {} });
    const headers = { "content-type": "application/json" };
    const reply = await ask(target.webhookUrl, { method: "POST", headers, body });
    if (isLimited(reply)) return ok("429: refused, like all that this address has sent in vain");
    const trouble = troubleOf(reply);
    if (trouble || reply.kind === "unanswered") return trouble!;
    if (reply.status === 401) return ok("401 invalid_signature");
    return failure(
      reply.status < 300
        ? `accepted with ${reply.status}: anybody can write`
        : `answered ${reply.status}, not 401`,
      "Deploy this project's function: it verifies each signature.",
    );
  },
};
