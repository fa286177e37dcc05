import organizationCreated from "./samples/organization.created.json" with { type: "json" };
import organizationDeleted from "./samples/organization.deleted.json" with { type: "json" };
import organizationUpdated from "./samples/organization.updated.json" with { type: "json" };
import membershipCreated from "./samples/organizationMembership.created.json" with { type: "json" };
import membershipDeleted from "./samples/organizationMembership.deleted.json" with { type: "json" };
import membershipUpdated from "./samples/organizationMembership.updated.json" with { type: "json" };
import sessionCreated from "./samples/session.created.json" with { type: "json" };
import sessionEnded from "./samples/session.ended.json" with { type: "json" };
import sessionPending from "./samples/session.pending.json" with { type: "json" };
import sessionRemoved from "./samples/session.removed.json" with { type: "json" };
import sessionRevoked from "./samples/session.revoked.json" with { type: "json" };
import userCreated from "./samples/user.created.json" with { type: "json" };
import userDeleted from "./samples/user.deleted.json" with { type: "json" };
import userUpdated from "./samples/user.updated.json" with { type: "json" };

/** A webhook body as Clerk sends it. Times are milliseconds. */
export interface ClerkEvent {
  type: string;
  object: string;
  data: Record<string, unknown>;
  timestamp: number;
  instance_id: string;
  event_attributes: { http_request: { client_ip: string; user_agent: string } };
}

/**
 * One story, in the order in which it happens: Ada signs up, founds an organization, hands its administration
 * over, leaves, and in the end the organization and her account are deleted. The same ids run through all of it.
 */
export const SAMPLES = {
  "user.created": userCreated,
  "user.updated": userUpdated,
  "organization.created": organizationCreated,
  "organizationMembership.created": membershipCreated,
  "session.pending": sessionPending,
  "session.created": sessionCreated,
  "organizationMembership.updated": membershipUpdated,
  "organization.updated": organizationUpdated,
  "organizationMembership.deleted": membershipDeleted,
  "session.ended": sessionEnded,
  "session.removed": sessionRemoved,
  "session.revoked": sessionRevoked,
  "organization.deleted": organizationDeleted,
  "user.deleted": userDeleted,
} satisfies Record<string, ClerkEvent>;

/** An event type that has a sample body. */
export type SampleType = keyof typeof SAMPLES;

/** Every type that has a sample, in story order. */
export const SAMPLE_TYPES = Object.keys(SAMPLES) as SampleType[];

/** The ten events of the webhook guide, in story order. The session's other ends are sent only when asked for. */
export const STORY_TYPES = SAMPLE_TYPES.filter((type) =>
  !type.startsWith("session.") || type === "session.created"
);

/** Narrows a string to a type that has a sample. */
export function isSampleType(type: string): type is SampleType {
  return Object.hasOwn(SAMPLES, type);
}
