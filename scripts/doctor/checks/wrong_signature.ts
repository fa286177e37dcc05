import { randomBytes } from "node:crypto";
import type { Check } from "../check.ts";
import { failure, ok } from "../finding.ts";
import { ping } from "../ping.ts";
import { isLimited, troubleOf } from "../trouble.ts";

/** Whether a signature is looked at, and not only for. */
export const wrongSignature: Check = {
  id: "wrong-signature",
  title: "wrong signature refused",
  needs: ["reachable"],
  async run(context) {
    const reply = await ping(context, `whsec_${randomBytes(32).toString("base64")}`);
    if (isLimited(reply)) return ok("429: refused, like all that this address has sent in vain");
    const trouble = troubleOf(reply);
    if (trouble || reply.kind === "unanswered") return trouble!;
    if (reply.status === 401) return ok("401 invalid_signature");
    return failure(
      reply.status < 300
        ? `accepted with ${reply.status}: the signature is not checked`
        : `answered ${reply.status}, not 401`,
      "Deploy this project's function: it verifies each signature.",
    );
  },
};
