import type { ClerkEvent } from "../clerk/event.ts";

/** What one event says of an object. A stub is told in passing by an event about something else. */
export interface Claim<Body> {
  event: ClerkEvent;
  body: Body;
  /** Null of a stub, which any real snapshot overrides. */
  updatedAt: number | null;
}

/** Rule 1: `(updated_at, event timestamp, svix-id)`, compared as a tuple. */
export function isNewer(claim: Claim<unknown>, other: Claim<unknown>): boolean {
  const [a, b] = [claim.updatedAt ?? -1, other.updatedAt ?? -1];
  if (a !== b) return a > b;
  const [s, t] = [claim.event.timestamp, other.event.timestamp];
  return s === t ? claim.event.id > other.event.id : s > t;
}

/** The claim that wins, in whatever order they came. */
export function newest<One extends Claim<unknown>>(claims: Iterable<One>): One | undefined {
  let winner: One | undefined;
  for (const claim of claims) if (!winner || isNewer(claim, winner)) winner = claim;
  return winner;
}
