import { type ClerkApi, ClerkApiError } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import { PATIENCE, type Patience, persist, type Traffic } from "../project/persist.ts";
import type { Throttle } from "./throttle.ts";

/** What the calls of a run go by. */
export interface PatientClerkOptions {
  throttle: Throttle;
  /** Counts requests and retries. */
  traffic: Traffic;
  /** Ends every wait, with its reason. */
  signal: AbortSignal;
  /** Told of each wait, in words. */
  onWait: (why: string) => void;
  patience?: Patience;
}

/** An answer that is not Clerk's is hardly ever a passing one. */
const INVALID_ANSWER_RETRIES = 2;

/** Clerk's API within its rate limit: what may pass is asked again, and `Retry-After` holds back all requests. */
export function patientClerk(
  api: ClerkApi,
  { throttle, traffic, signal, onWait, patience = PATIENCE }: PatientClerkOptions,
): ClerkApi {
  const ask = <Answer>(requests: number, call: () => Promise<Answer>) =>
    persist(
      () =>
        throttle.run(requests, () => {
          traffic.clerk += requests;
          return call().catch(heed);
        }, signal),
      {
        patience,
        signal,
        worth: (error) => worthOf(error, patience.retries),
        onRetry(error) {
          traffic.retries++;
          onWait(`${error.message}; trying again`);
        },
      },
    );

  function heed(error: Error): never {
    if (error instanceof ClerkApiError && error.retryAfterSeconds !== null) {
      throttle.hold(error.retryAfterSeconds * 1000);
      onWait(`Clerk asks for a pause of ${error.retryAfterSeconds} s`);
    }
    throw error;
  }

  return {
    instanceId: () => ask(1, () => api.instanceId()),
    user: (id) => ask(1, () => api.user(id)),
    organization: (id) => ask(1, () => api.organization(id)),
    // Clerk's client asks for the number of users beside each list of them.
    users: (page) => ask(2, () => api.users(page)),
    usersById: (ids) => ask(2, () => api.usersById(ids)),
    organizations: (range) => ask(1, () => api.organizations(range)),
    memberships: (range) => ask(1, () => api.memberships(range)),
    membershipsOfUser: (id, range) => ask(1, () => api.membershipsOfUser(id, range)),
    membershipsOfOrganization: (id, range) =>
      ask(1, () => api.membershipsOfOrganization(id, range)),
    membership: (organizationId, userId) => ask(1, () => api.membership(organizationId, userId)),
  };
}

function worthOf(error: Error, retries: number): number {
  if (!(error instanceof ClerkApiError)) return 0;
  switch (error.failure) {
    case "rate_limited":
    case "unavailable":
      return retries;
    case "invalid_answer":
      return INVALID_ANSWER_RETRIES;
    default:
      return 0;
  }
}
