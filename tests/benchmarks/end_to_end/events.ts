import { freshId, storyEvent } from "../../../scripts/simulate/story.ts";
import type { SampleType } from "../../../scripts/simulate/samples.ts";

/** What happens to each object of a family, in this order. Each family needs the rows of those before it. */
export const FAMILIES = {
  users: ["user.created", "user.updated"],
  organizations: ["organization.created", "organization.updated"],
  memberships: ["organizationMembership.created", "organizationMembership.updated"],
  sessions: ["session.created", "session.ended"],
} satisfies Record<string, SampleType[]>;

export type Family = keyof typeof FAMILIES;

export const FAMILY_NAMES = Object.keys(FAMILIES) as Family[];

/** An event that is not signed yet. */
export interface Event {
  id: string;
  body: string;
}

/** Several stories at once: all that is told of them has the seed in common. */
export interface Stories {
  seed: string;
  count: number;
  endsAt: number;
}

/** One event of each story. The member is the user of one story, the organization that of the next. */
export function tell(type: SampleType, { seed, count, endsAt }: Stories): Event[] {
  return Array.from({ length: count }, (_, index) => {
    const event = storyEvent(type, { seed, index, endsAt });
    if (type.startsWith("organizationMembership.")) {
      const next = storyEvent(type, { seed, index: (index + 1) % count, endsAt });
      event.data.organization = next.data.organization;
    }
    return { id: freshId("msg", `${seed}/${index}/${type}`), body: JSON.stringify(event) };
  });
}
