import { Buffer } from "node:buffer";
import type { Check } from "../check.ts";
import { failure, type Finding, ok } from "../finding.ts";

const FIX =
  "Set SUPABASE_SECRET_KEY to the secret key (Dashboard, Project Settings, API Keys: sb_secret_…).";

/** Whether the key is the project's secret one. */
export const apiKey: Check = {
  id: "api-key",
  title: "project's secret key",
  needs: [],
  async run({ target: { projectUrl, secretKey }, project }) {
    if (!projectUrl) {
      return failure(
        "no project: SUPABASE_URL is not set",
        "Set it to https://<project ref>.supabase.co.",
      );
    }
    if (!secretKey) return failure(`no key for ${projectUrl.host}`, FIX);
    const malformed = malformedBecause(secretKey.text, secretKey.source);
    if (malformed) return malformed;
    const result = await project.rpc("bound_instance");
    return result.kind === "done"
      ? ok(`accepted, from ${secretKey.source}`)
      : findingOf(result.status, result.code);
  },
};

function malformedBecause(key: string, source: string): Finding | null {
  if (key.startsWith("sb_publishable_")) return failure(`${source} is a publishable key`, FIX);
  if (/^sk_(test|live)_/.test(key)) {
    return failure(`${source} is Clerk's secret key, not Supabase's`, FIX);
  }
  if (!key.startsWith("ey")) return null;
  const role = roleOf(key);
  return role === "service_role" ? null : failure(`${source} is a key of the role ${role}`, FIX);
}

/** The role of a legacy key, which is a JWT. */
function roleOf(key: string): string {
  try {
    const { role } = JSON.parse(Buffer.from(key.split(".")[1] ?? "", "base64url").toString());
    return /^\w{1,40}$/.test(role) ? role : "unknown";
  } catch {
    return "unknown";
  }
}

function findingOf(status: number, code: string): Finding {
  if (code === "42501") return failure("it may not call the RPCs: it is not the secret key", FIX);
  if (code === "PGRST202" || code === "42883") {
    return failure("accepted, but the RPCs are not there", "npx supabase db push --remote");
  }
  if (status === 401 || status === 403) return failure("the project refuses it", FIX);
  if (status === 404) {
    return failure("there is no Data API at this address", "Correct SUPABASE_URL.");
  }
  if (status === 0) {
    return failure(
      `the project does not answer (${code})`,
      "Is it running, or paused? Correct SUPABASE_URL.",
    );
  }
  return failure(
    `the project answers ${status} (${code})`,
    "Look at the project's state in its Dashboard.",
  );
}
