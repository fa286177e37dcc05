import { listOf } from "../../../supabase/functions/_clerk_sync/env.ts";
import {
  bytesOf,
  SECRET_BYTES,
  secretProblem,
} from "../../../supabase/functions/clerk-webhook/signing_secret.ts";
import type { Check } from "../check.ts";
import { failure, ok, warning } from "../finding.ts";

/** Shorter ones Svix never makes. */
const SVIX_BYTES = 24;

/** Whether the signing secret is there and has its form; while it is rotated, each of several. */
export const secret: Check = {
  id: "secret",
  title: "signing secret",
  needs: [],
  run({ target: { webhookSecret } }) {
    const fix = "Copy the Signing Secret of the endpoint in Clerk's Dashboard: whsec_ and base64.";
    const secrets = listOf(webhookSecret?.text);
    if (!webhookSecret || secrets.length === 0) {
      return failure("CLERK_WEBHOOK_SECRET is not set", fix);
    }
    const { source } = webhookSecret;
    const problems = secrets.map(secretProblem);
    const malformed = problems.indexOf("malformed");
    if (malformed !== -1) {
      return failure(`${nth(malformed, secrets.length)}${source} is malformed`, fix);
    }
    const tooShort = problems.indexOf("short");
    if (tooShort !== -1) {
      const which = `${nth(tooShort, secrets.length)}${source}`;
      return failure(`${which} has less than ${SECRET_BYTES} bytes, and is refused`, fix);
    }
    const short = secrets.findIndex((text) => bytesOf(text) < SVIX_BYTES);
    if (short !== -1) return warning(`${nth(short, secrets.length)}${source} is short`, fix);
    if (secrets.length > 1) {
      return warning(
        `${secrets.length} secrets in ${source}`,
        "Drop the old one a day after the rotation.",
      );
    }
    return ok(`well-formed, from ${source}`);
  },
};

function nth(index: number, count: number): string {
  return count > 1 ? `number ${index + 1} of ` : "";
}
