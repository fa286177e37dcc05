import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { type Session, stackTokens } from "../../scripts/token/session_tokens.ts";
import type { Database } from "../../supabase/functions/_clerk_sync/database.types.ts";
import { stackEnv } from "../support/stack_env.ts";

/** The client of an app. */
export type AppClient = SupabaseClient<Database>;

/** Signs as the running stack accepts it, in Clerk's place. */
export const TOKENS = await stackTokens(stackEnv());

/** An app's client whose user has this token; null: nobody is signed in. */
export function appWith(token: string | null): AppClient {
  const { API_URL, PUBLISHABLE_KEY } = stackEnv();
  return createClient<Database>(API_URL, PUBLISHABLE_KEY, {
    accessToken: () => Promise.resolve(token),
  });
}

/** An app's client in which this session is active: each request has a new token, as from Clerk's `getToken()`. */
export function appOf(session: Session): AppClient {
  const { API_URL, PUBLISHABLE_KEY } = stackEnv();
  return createClient<Database>(API_URL, PUBLISHABLE_KEY, {
    accessToken: () => TOKENS.sign(session),
  });
}

/** What a query gave; throws what it was refused with. */
export async function dataOf<Result extends { data: unknown; error: unknown }>(
  query: PromiseLike<Result>,
): Promise<Extract<Result, { error: null }>["data"]> {
  const { data, error } = await query;
  if (error) throw error;
  return data;
}

/** The code that a query was refused with; undefined when it was not. */
export async function codeOf(
  query: PromiseLike<{ error: { code: string } | null }>,
): Promise<string | undefined> {
  const { error } = await query;
  return error?.code;
}
