import PQueue from "p-queue";
import { type ClerkApi, ClerkApiError } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import { PATIENCE, type Patience, persist, type Traffic } from "../project/persist.ts";

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
    subscriptionItems: (range) => ask(1, () => api.subscriptionItems(range)),
    subscriptionItem: (id) => ask(1, () => api.subscriptionItem(id)),
    subscriptionOf: (payer, id) => ask(1, () => api.subscriptionOf(payer, id)),
    invitations: (range) => ask(1, () => api.invitations(range)),
    pendingInvitations: (id, range) => ask(1, () => api.pendingInvitations(id, range)),
    invitation: (organizationId, id) => ask(1, () => api.invitation(organizationId, id)),
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

/** Clerk counts requests in windows of this length: https://clerk.com/docs/guides/how-clerk-works/system-limits */
export const RATE_WINDOW_MS = 10_000;

/** What Clerk allows in a window, less a tenth for the app that lives on the same limit. */
export function defaultRate(isLive: boolean): number {
  return isLive ? 900 : 90;
}

/** How much is asked of Clerk at once. */
export interface ThrottleOptions {
  /** Requests in ten seconds, whichever ten. */
  rate: number;
  /** Calls under way at once. */
  concurrency: number;
  windowMs?: number;
}

/** Lets calls through as Clerk's rate limit allows. */
export interface Throttle {
  /** Runs a call that sends so many requests, when its turn comes. Rejects when the signal comes before its end. */
  run<Answer>(requests: number, call: () => Promise<Answer>, signal: AbortSignal): Promise<Answer>;
  /** Holds every call back that has not begun, for so long. */
  hold(ms: number): void;
}

/** A sliding window, a bound on calls at once, and a pause for all when Clerk asks for one. */
export function createThrottle(
  { rate, concurrency, windowMs = RATE_WINDOW_MS }: ThrottleOptions,
): Throttle {
  const queue = new PQueue({ intervalCap: rate, interval: windowMs, strict: true, concurrency });
  let heldUntil = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  return {
    run: (requests, call, signal) =>
      queue.add(() => {
        // The queue counts calls: for each further request one that does nothing goes before all others.
        for (let more = 1; more < requests; more++) queue.add(() => {}, { priority: 1 });
        return call();
      }, { signal }),
    hold(ms) {
      const until = performance.now() + ms;
      if (until <= heldUntil) return;
      heldUntil = until;
      queue.pause();
      clearTimeout(timer);
      timer = setTimeout(() => queue.start(), ms);
    },
  };
}
