import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { randomUUID } from "node:crypto";
import postgres, { type Sql } from "postgres";
import { type Answer, send, signDelivery } from "../../scripts/simulate/delivery.ts";
import type { ClerkEvent, SampleType } from "../../scripts/simulate/samples.ts";
import { storyEvent } from "../../scripts/simulate/story.ts";
import type { Database } from "../../supabase/functions/_clerk_sync/database.types.ts";
import { stackEnv } from "./stack_env.ts";

/** A svix-id of its own. */
export function newEventId(): string {
  return `msg_${randomUUID()}`;
}

/** A telling of the sample story whose ids nobody else uses. */
export function newStory(): (type: SampleType) => ClerkEvent {
  const story = { seed: randomUUID(), index: 0, endsAt: Date.now() };
  return (type) => storyEvent(type, story);
}

/** Sends a signed event to the webhook of the running stack. */
export function deliver(event: unknown, id: string = newEventId()): Promise<Answer> {
  return deliverBody(JSON.stringify(event), id);
}

/** Sends a signed body as it is. */
export function deliverBody(body: string, id: string = newEventId()): Promise<Answer> {
  const { WEBHOOK_URL, CLERK_WEBHOOK_SECRET } = stackEnv();
  return send(signDelivery({ id, body, secret: CLERK_WEBHOOK_SECRET, at: new Date() }), {
    url: WEBHOOK_URL,
  });
}

/** The status and the word of an answer, as `200 applied`. */
export function said(answer: Answer): string {
  return answer.kind === "answered" ? `${answer.status} ${answer.word}` : answer.reason;
}

/** A client of the Data API with one of the stack's keys. */
export function dataApi(key: "SECRET_KEY" | "PUBLISHABLE_KEY"): SupabaseClient<Database> {
  const env = stackEnv();
  return createClient<Database>(env.API_URL, env[key], { auth: { persistSession: false } });
}

/** A test with a connection to the database as its owner, closed afterwards. */
export function databaseTest(name: string, run: (sql: Sql) => Promise<void>): void {
  Deno.test(name, async () => {
    const sql = postgres(stackEnv().DB_URL, { max: 2, onnotice: () => {} });
    try {
      await run(sql);
    } finally {
      await sql.end();
    }
  });
}
