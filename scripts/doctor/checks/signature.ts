import { randomBytes } from "node:crypto";
import { listOf } from "../../../supabase/functions/_clerk_sync/env.ts";
import {
  bytesOf,
  SECRET_BYTES,
  secretProblem,
} from "../../../supabase/functions/clerk-webhook/signing_secret.ts";
import { signDelivery } from "../../simulate/delivery.ts";
import { assertFunction, isLimited, type Reply } from "../ask.ts";
import { type Context, failure, type Finding, ok, warning } from "../check.ts";

/** Shorter ones Svix never makes. */
const SVIX_BYTES = 24;

/** Whether the signing secret is there and has its form; while it is rotated, each of several. */
export function secret({ target: { webhookSecret } }: Context): Finding {
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
}

function nth(index: number, count: number): string {
  return count > 1 ? `number ${index + 1} of ` : "";
}

/** A type that the sync does not follow: it is recorded, and nothing else happens. */
export const PING_TYPE = "doctor.ping";

/** Always the same: the ledger has one row of it, however often the doctor comes. */
const PING_ID = "msg_doctor_ping";

/** Sends the event that does nothing, signed with a secret. */
export function ping({ target, ask, now }: Context, secret: string): Promise<Reply> {
  const at = now();
  const body = JSON.stringify({
    type: PING_TYPE,
    object: "event",
    data: {},
    timestamp: at.getTime(),
  });
  const { headers } = signDelivery({ id: PING_ID, body, secret, at });
  return ask(target.webhookUrl, { method: "POST", headers, body });
}

/** Whether what nobody signed is refused. */
export async function unsigned({ target, ask }: Context): Promise<Finding> {
  const body = JSON.stringify({ type: PING_TYPE, object: "event", data: {} });
  const headers = { "content-type": "application/json" };
  const reply = await ask(target.webhookUrl, { method: "POST", headers, body });
  return refusalIn(reply, "anybody can write");
}

/** Whether a signature is looked at, and not only for. */
export async function wrongSignature(context: Context): Promise<Finding> {
  const reply = await ping(context, `whsec_${randomBytes(32).toString("base64")}`);
  return refusalIn(reply, "the signature is not checked");
}

/** Whether a request was refused as it must be; `meaning` is what it means when it was not. */
function refusalIn(reply: Reply, meaning: string): Finding {
  if (isLimited(reply)) return ok("429: refused, like all that this address has sent in vain");
  assertFunction(reply);
  if (reply.status === 401) return ok("401 invalid_signature");
  const { status } = reply;
  return failure(
    status < 300 ? `accepted with ${status}: ${meaning}` : `answered ${status}, not 401`,
    "Deploy this project's function: it verifies each signature.",
  );
}

/** Whether an event that is signed with our secret is taken: an event of a type that does nothing. */
export async function signed(context: Context): Promise<Finding> {
  const { text, source } = context.target.webhookSecret!;
  const secrets = listOf(text);
  for (const [index, secret] of secrets.entries()) {
    const reply = await pingPatiently(context, secret);
    const isOnly = secrets.length === 1;
    const otherSecret = failure(
      `the function has another secret than ${source}${isOnly ? "" : ` (number ${index + 1})`}, ` +
        "or its clock is over 5 minutes off",
      "Copy the endpoint's Signing Secret; npx supabase secrets set CLERK_WEBHOOK_SECRET=…",
    );
    // An address that has sent much in vain is told 429 in place of 401; what is signed rightly is taken all the same.
    if (isLimited(reply)) return otherSecret;
    assertFunction(reply);
    if (reply.status === 401) return otherSecret;
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
}

const BUSY_MS = 1_000;

/** A function that is busy for a moment is asked once more. */
async function pingPatiently(context: Context, secret: string): Promise<Reply> {
  const reply = await ping(context, secret);
  if (!isLimited(reply)) return reply;
  await new Promise((resume) => setTimeout(resume, BUSY_MS));
  return await ping(context, secret);
}
