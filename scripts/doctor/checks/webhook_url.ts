import { isHttpUrl } from "../../../supabase/functions/_clerk_sync/env.ts";
import type { Check } from "../check.ts";
import { failure, ok, warning } from "../finding.ts";

/** Whether the URL is one that Clerk takes. */
export const webhookUrl: Check = {
  id: "webhook-url",
  title: "webhook URL",
  needs: [],
  run({ target: { webhookUrl } }) {
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
    if (protocol === "http:" && !isLoopback(hostname)) {
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
  },
};

/** This machine. */
export function isLoopback(hostname: string): boolean {
  return /^(127\..*|\[::1\]|localhost|.*\.localhost)$/.test(hostname);
}
