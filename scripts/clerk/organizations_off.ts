import { ClerkApiError } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import type { KindName } from "./kinds.ts";

/** What an instance may do without: Clerk's Dashboard has a switch for organizations, and none for users. */
export const OPTIONAL_KINDS: readonly KindName[] = ["organizations", "memberships"];

/** Whether an error says that the instance has a kind switched off. It says nothing then of any object of that kind. */
export function isSwitchedOff(name: KindName, error: unknown): boolean {
  return OPTIONAL_KINDS.includes(name) && error instanceof ClerkApiError &&
    error.failure === "not_enabled";
}

/** What people are told, once. `held`: what of it is here all the same, in words; null: nothing is. */
export function describeSwitchedOff(held: string | null): string[] {
  return [
    "Organizations are switched off in Clerk: there was nothing of them to read.",
    ...(held === null ? [] : [
      `Warning: ${held} are here all the same, and stay, with the access that they give.`,
      "Switch organizations on again in Clerk, or end them here by public.delete_org(…), which is final.",
    ]),
  ];
}
