import * as z from "zod/mini";
import { ClerkApiError } from "../../../supabase/functions/_clerk_sync/clerk/api.ts";
import { askProject } from "../ask_project.ts";
import type { Check } from "../check.ts";
import { failure, ok, skipped, warning } from "../finding.ts";
import { isLoopback } from "./webhook_url.ts";

const FIX =
  "Set CLERK_SECRET_KEY to the secret key in Clerk's Dashboard, API keys: sk_live_… or sk_test_….";

/** Whether Clerk's key, where it is set, is that of the instance whose objects are here. */
export const clerkKey: Check = {
  id: "clerk-key",
  title: "Clerk's secret key",
  needs: ["api-key"],
  async run({ target, project, createClerk, timeoutMs }) {
    const { clerkKey, clerkApiUrl, clerkInstanceId, projectUrl } = target;
    if (!clerkKey) return skipped("CLERK_SECRET_KEY is not set: webhooks need none");
    if (clerkKey.startsWith("pk_")) return failure("CLERK_SECRET_KEY is a publishable key", FIX);
    if (!/^sk_(test|live)_\w+$/.test(clerkKey)) {
      return failure("CLERK_SECRET_KEY is malformed", FIX);
    }

    let instance: string;
    try {
      const apiUrl = clerkApiUrl ?? undefined;
      instance = await createClerk({ secretKey: clerkKey, apiUrl, timeoutMs }).instanceId();
    } catch (error) {
      if (!(error instanceof ClerkApiError)) throw error;
      if (error.failure === "unauthorized") return failure("Clerk refuses CLERK_SECRET_KEY", FIX);
      return warning(`Clerk does not say whose key it is (${error.failure})`, "Run it again.");
    }
    if (clerkInstanceId && clerkInstanceId !== instance) {
      return failure(
        `the key is of ${instance}, CLERK_INSTANCE_ID says ${clerkInstanceId}`,
        "Correct one of the two.",
      );
    }
    const asked = await askProject(project, "bound_instance", z.nullable(z.string()));
    if (asked.kind === "trouble") return asked.finding;
    if (asked.answer !== null && asked.answer !== instance) {
      return failure(
        `the key is of ${instance}, this project holds ${asked.answer}'s`,
        "Set the key of that instance, or npm run backfill -- --switch-instance.",
      );
    }
    if (clerkKey.startsWith("sk_test_") && !isLoopback(projectUrl!.hostname)) {
      return warning(
        "a test key with a project that is not on this machine",
        "In production it is sk_live_….",
      );
    }
    return ok(
      asked.answer === null ? `of ${instance}; the project follows none yet` : `of ${instance}`,
    );
  },
};
