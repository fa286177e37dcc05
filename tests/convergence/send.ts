import postgres, { type Sql } from "postgres";
import { bodyText, type ClerkEvent } from "../../scripts/converge/clerk/world.ts";
import type { Database } from "../../scripts/converge/judge.ts";
import { said, send, signDelivery } from "../../scripts/simulate/delivery.ts";
import { type CallRpc, classify } from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { callTogether } from "../../supabase/functions/_clerk_sync/database/together.ts";
import { deliverAsPage, sayDelivered, type Verified } from "../support/page.ts";
import { stackEnv } from "../support/stack_env.ts";

/** Delivers an event once and says what came back, as `200 applied`. */
export type Send = (event: ClerkEvent) => Promise<string>;

/** Told the SQLSTATE of every call that PostgreSQL refused, also of those that the function tried again. */
type OnError = (code: string) => void;

/**
 * Connections as the role that the function's calls run as. Commits don't wait for the disk, and no time goes into plans
 * that are used once: nothing of the outcome depends on either.
 */
export function connectAsService(url: string, max: number): Sql {
  const connection = {
    role: "service_role",
    synchronous_commit: "off",
    plan_cache_mode: "force_generic_plan",
  };
  return postgres(url, { max, onnotice: () => {}, connection });
}

/**
 * The webhook function's own code in this process: what HTTP and the Data API do in between is left out, so that
 * thousands of histories take seconds. The signature is not checked, everything else is real. Each goes by itself.
 */
export function sendInProcess(sql: Database, onError: OnError = () => {}): Send {
  return (event) => sayDelivered(verified(event), callRpcBy(sql, onError));
}

/** The same as a worker of the function does it: what waits for a call goes with what else waits. Each is another worker. */
export function sendTogether(sql: Database, onError: OnError = () => {}): Send {
  const callRpc = callTogether(callRpcBy(sql, onError), () => {});
  return (event) => sayDelivered(verified(event), callRpc);
}

/** Three workers by turns: two that send what waits together, and one that sends each by itself. */
export function sendMixed(sql: Database, onError: OnError = () => {}): Send {
  const workers = [
    sendTogether(sql, onError),
    sendTogether(sql, onError),
    sendInProcess(sql, onError),
  ];
  let sent = 0;
  return (event) => workers[sent++ % workers.length]!(event);
}

/** Delivers events as one page, in their order. */
export function sendAsPage(
  sql: Database,
  onError: OnError = () => {},
): (page: ClerkEvent[]) => Promise<string[]> {
  return (page) => Promise.all(deliverAsPage(page.map(verified), callRpcBy(sql, onError)));
}

function verified(event: ClerkEvent): Verified {
  return { id: event.id, body: bodyText(event) };
}

function callRpcBy(sql: Database, onError: OnError): CallRpc {
  return async ({ name, args }) => {
    const names = Object.keys(args);
    const list = names.map((parameter, index) => `${parameter} => $${index + 1}`).join(", ");
    try {
      const [row] = await sql.unsafe(
        `select public.${name}(${list}) as outcome`,
        Object.values(args),
        { prepare: true },
      );
      if (name === "sync_apply_events") tellErrors(row?.outcome, onError);
      return { kind: "done", answer: row?.outcome };
    } catch (error) {
      const { code } = error as { code?: string };
      onError(code ?? String(error));
      return classify(code);
    }
  };
}

function tellErrors(answers: ({ error_code?: string } | null)[], onError: OnError): void {
  for (const answer of answers) {
    if (answer?.error_code) onError(answer.error_code);
  }
}

/** Sends to the webhook's URL, signed as by Svix. */
export function sendOverHttp(): Send {
  const { WEBHOOK_URL: url, CLERK_WEBHOOK_SECRET: secret } = stackEnv();
  return async (event) => {
    const delivery = signDelivery({ id: event.id, body: bodyText(event), secret, at: new Date() });
    return said(await send(delivery, { url }));
  };
}
