import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { signDelivery } from "../../../scripts/simulate/delivery.ts";
import { SAMPLES } from "../../../scripts/simulate/samples.ts";
import type { Program } from "./first_answer.ts";

const SECRET = `whsec_${btoa("signs in this benchmark alone")}`;
/** The webhook, from the root of the project. */
export const WEBHOOK = join("supabase", "functions", "clerk-webhook", "index.ts");

const PROBE = fileURLToPath(new URL("probe.ts", import.meta.url));

/** The webhook, which is sent a signed delivery and applies it. */
export function webhook(databaseUrl: string): Program {
  return {
    entrypoint: WEBHOOK,
    args: [],
    env: {
      CLERK_WEBHOOK_SECRET: SECRET,
      SUPABASE_URL: databaseUrl,
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: "sb_secret_of_this_benchmark" }),
    },
    request: () => {
      const body = JSON.stringify(SAMPLES["user.created"]);
      return signDelivery({ id: `msg_${randomUUID()}`, body, secret: SECRET, at: new Date() });
    },
    status: 200,
  };
}

/** The webhook, which is sent something that nobody signed. */
export function webhookUnsigned(databaseUrl: string): Program {
  return { ...webhook(databaseUrl), request: () => ({ headers: {}, body: "{}" }), status: 401 };
}

/** A program that answers, and does nothing else but import these. */
export function importing(...specifiers: string[]): Program {
  return {
    entrypoint: PROBE,
    args: specifiers,
    env: {},
    request: () => ({ headers: {}, body: "" }),
    status: 200,
  };
}
