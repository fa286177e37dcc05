import {
  SECRET_BYTES,
  secretProblem,
} from "../../supabase/functions/clerk-webhook/signing_secret.ts";
import { UsageError } from "../command/usage_error.ts";

/** Where the deliveries go and what signs them. */
export interface Target {
  url: URL;
  secret: string;
  /** Where the secret was found, in words: the secret itself is never shown. */
  secretSource: string;
}

/** The places to look at, the first one first. */
export interface TargetSources {
  options: { url: string | undefined; secret: string | undefined };
  env: Record<string, string | undefined>;
  /** What the running local stack wrote down, and where; no values when there is none. */
  stack: { path: string; values: Record<string, string | undefined> };
}

/** Finds the webhook's URL and its secret: options, then environment, then the local stack. */
export function resolveTarget({ options, env, stack }: TargetSources): Target {
  const urlText = options.url || env.WEBHOOK_URL || stack.values.WEBHOOK_URL;
  const found = [
    { text: options.secret, source: "--secret" },
    { text: env.CLERK_WEBHOOK_SECRET, source: "CLERK_WEBHOOK_SECRET" },
    { text: stack.values.CLERK_WEBHOOK_SECRET, source: stack.path },
  ].find(({ text }) => text);
  if (!urlText || !found?.text) {
    throw new UsageError(
      `No ${urlText ? "secret" : "URL"} to send with: start the local stack with \`npm start\`, ` +
        "or give --url and --secret (or WEBHOOK_URL and CLERK_WEBHOOK_SECRET).",
    );
  }
  const url = parseUrl(urlText);
  if (found.source === stack.path && urlText !== stack.values.WEBHOOK_URL && !isLoopback(url)) {
    throw new UsageError(
      `The local stack's secret is not that of ${url.host}: set CLERK_WEBHOOK_SECRET.`,
    );
  }
  return {
    url,
    secret: firstSecret(found.text, found.source),
    secretSource: found.source,
  };
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError("The URL is not an http or https address.");
  }
  return url;
}

/** While a secret is rotated the variable holds several; any one of them signs. */
function firstSecret(text: string, source: string): string {
  const [secret = ""] = text.split(/[\s,]+/).filter((part) => part !== "");
  const problem = secretProblem(secret);
  if (problem === "malformed") {
    throw new UsageError(`The secret from ${source} is malformed: it is whsec_ and base64.`);
  }
  if (problem === "short") {
    throw new UsageError(
      `The secret from ${source} has less than ${SECRET_BYTES} bytes: the webhook refuses it.`,
    );
  }
  return secret;
}

/** Whether an address is this machine's own. */
export function isLoopback({ hostname }: Pick<URL, "hostname">): boolean {
  return /^(127\..*|\[::1\]|localhost|.*\.localhost)$/.test(hostname);
}
