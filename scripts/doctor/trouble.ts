import type { Reply, Silence } from "./ask.ts";
import { failure, type Finding, warning } from "./finding.ts";

const SILENCE: Record<Silence, [string, string]> = {
  connection_refused: ["nothing listens there", "Start it (`npm start`), or correct the URL."],
  unreachable: ["it can't be reached", "Correct the URL; look at firewalls and at the tunnel."],
  unknown_host: ["there is no such host", "Correct the URL: the project ref may be mistyped."],
  bad_certificate: [
    "its certificate is not valid",
    "Use a host whose certificate is: Clerk refuses others.",
  ],
  connection_closed: [
    "it closes the connection without an answer",
    "Look into the function's log.",
  ],
  timeout: ["it does not answer in time", "Look into the function's log; Svix waits 15 s at most."],
  interrupted: ["the request was broken off", "Run it again."],
};

/** Whatever an address answers that is not the function; null when it may be the function. */
export function troubleOf(reply: Reply): Finding | null {
  if (reply.kind === "unanswered") {
    const [detail, fix] = SILENCE[reply.reason];
    return failure(detail, fix);
  }
  const { status, word } = reply;
  if (status >= 300 && status < 400) {
    return failure(
      `it redirects (${status})`,
      "Use the address it leads to: Svix follows no redirect.",
    );
  }
  if (status === 404) {
    return failure(
      "404: there is no such function",
      "npx supabase functions deploy clerk-webhook; the URL ends with /functions/v1/clerk-webhook.",
    );
  }
  if ((status === 401 || status === 403) && word !== "invalid_signature") {
    return failure(
      `${status} from before the function`,
      "Deploy it with verify_jwt = false, as supabase/config.toml has it.",
    );
  }
  if (word === "misconfigured") {
    return failure(
      "500 misconfigured: the function lacks a variable",
      "npx supabase secrets set CLERK_WEBHOOK_SECRET=…; the function's log names what is missing.",
    );
  }
  if (status === 429) return warning("429: it is busy or limits the rate", "Run it again later.");
  if (status >= 500) {
    return failure(`${status}${word ? ` ${word}` : ""}`, "Look into the function's log.");
  }
  return null;
}

/** Whether an answer says that too much has come: at once, or in vain from this address. */
export function isLimited(reply: Reply): boolean {
  return reply.kind === "answered" && reply.status === 429;
}
