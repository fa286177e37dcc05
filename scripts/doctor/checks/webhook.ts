import { isHttpUrl } from "../../../supabase/functions/_clerk_sync/env.ts";
import { isLoopback } from "../../simulate/target.ts";
import { assertFunction, troubleOf } from "../ask.ts";
import { type Context, failure, type Finding, ok, skipped, warning } from "../check.ts";

/** Whether the URL is one that Clerk takes. */
export function webhookUrl({ target: { webhookUrl } }: Context): Finding {
  if (!isHttpUrl(webhookUrl)) {
    return failure(
      "it is not an address",
      "Set WEBHOOK_URL to https://<project ref>.supabase.co/functions/v1/clerk-webhook.",
    );
  }
  const { protocol, hostname, host, pathname, username, password } = new URL(webhookUrl);
  if (username || password) {
    return failure("it holds a user name or a password", "Leave them out.");
  }
  if (protocol === "http:" && !isLoopback({ hostname })) {
    return failure(`http, not https, at ${host}`, "Use https: Clerk delivers to nothing else.");
  }
  if (/\.supabase\.(co|in)$/.test(hostname) && pathname !== "/functions/v1/clerk-webhook") {
    return warning(
      "its path is not the function's",
      "Unless you renamed it, the path is /functions/v1/clerk-webhook.",
    );
  }
  return ok(
    protocol === "https:"
      ? `https, ${host}`
      : `http at ${host}: this machine alone; Clerk needs https`,
  );
}

/** Whether the function is there: GET is what it refuses in words of its own. */
export async function reachable({ target, ask }: Context): Promise<Finding> {
  const reply = await ask(target.webhookUrl);
  assertFunction(reply);
  if (reply.status === 405 && reply.word === "method_not_allowed") {
    return ok("answers; GET is refused with 405");
  }
  return failure(
    `GET is answered ${reply.status}, not 405: something else is there`,
    "Correct the URL, or deploy the function: npx supabase functions deploy clerk-webhook.",
  );
}

/** Whether the function itself says that it is well. Other lines say more of what the database knows. */
export async function health({ target: { webhookUrl }, ask }: Context): Promise<Finding> {
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
}

const REQUESTS = 20;

/** Whether many requests at once are refused one by one, rather than bringing the function down. */
export async function burst({ target, ask }: Context): Promise<Finding> {
  const post = () => ask(target.webhookUrl, { method: "POST", body: "{ not JSON" });
  const replies = await Promise.all(Array.from({ length: REQUESTS }, post));
  const statuses = replies.map((reply) =>
    reply.kind === "answered" ? String(reply.status) : reply.reason
  );
  const wrong = statuses.find((status) => status !== "401" && status !== "429");
  if (wrong) {
    return failure(
      `of ${REQUESTS} broken requests at once one was answered ${wrong}`,
      "Look into the function's log.",
    );
  }
  const limited = statuses.filter((status) => status === "429").length;
  return ok(
    `${REQUESTS} broken requests at once: ${REQUESTS - limited} times 401` +
      (limited ? `, ${limited} times 429` : "; over 100 in flight are turned away with 429"),
  );
}

const WARN_SECONDS = 60;

/** Svix's signatures are good for 300 seconds. */
const FAIL_SECONDS = 240;

/** Whether the clocks agree: a signature is good for five minutes. */
export function clock({ skews }: Context): Finding {
  if (skews.length === 0) return skipped("no answer said what time it is");
  const skew = skews.toSorted((one, other) => one - other)[Math.floor(skews.length / 2)]!;
  const seconds = Math.round(Math.abs(skew));
  const detail = `the server's clock is ${seconds} s ${
    skew < 0 ? "behind" : "ahead of"
  } this machine's`;
  const fix =
    "Set the clock of this machine or of the server, by NTP: signatures are good for five minutes.";
  if (seconds > FAIL_SECONDS) return failure(detail, fix);
  if (seconds > WARN_SECONDS) return warning(detail, fix);
  return ok(seconds <= 1 ? "the same as the server's" : detail);
}

/** Whether the function for a manual sync is there, and asks who calls. */
export async function syncFunction({ target: { projectUrl }, ask }: Context): Promise<Finding> {
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
}
