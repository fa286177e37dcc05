import postgres, { type Sql } from "postgres";
import { bodyText, type ClerkEvent } from "../../scripts/converge/clerk/world.ts";
import type { Database } from "../../scripts/converge/judge.ts";
import { said, send, signDelivery } from "../../scripts/simulate/delivery.ts";
import {
  classify,
  type RpcCall,
  type RpcResult,
} from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { deliver } from "../../supabase/functions/clerk-webhook/deliver.ts";
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
 * thousands of histories take seconds. The signature is not checked, everything else is real.
 */
export function sendInProcess(sql: Database, onError: OnError = () => {}): Send {
  const service = {
    callRpc: (call: RpcCall) => callRpc(sql, call, onError),
    instanceId: null,
    log: () => {},
  };
  return async (event) => {
    const answer = await deliver(event.id, bodyText(event), service);
    return `${answer.status} ${Object.values(answer.body)[0]}`;
  };
}

async function callRpc(
  sql: Database,
  { name, args }: RpcCall,
  onError: OnError,
): Promise<RpcResult> {
  const names = Object.keys(args);
  const list = names.map((parameter, index) => `${parameter} => $${index + 1}`).join(", ");
  try {
    const [row] = await sql.unsafe(
      `select public.${name}(${list}) as outcome`,
      Object.values(args),
      { prepare: true },
    );
    return { kind: "done", answer: row?.outcome };
  } catch (error) {
    const { code } = error as { code?: string };
    onError(code ?? String(error));
    return classify(code);
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
