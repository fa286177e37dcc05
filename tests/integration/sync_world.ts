import { withEmail } from "../clerk_api/email.ts";
import type { WorldInstance } from "../clerk_api/world_instance.ts";

/** Ids that nobody else uses, whatever other tests leave in the database. */
export interface SmallWorld {
  user: string;
  other: string;
  /** The user's own organization. */
  org: string;
  /** The other one's, in which the user is a member. */
  second: string;
  /** Of the user in the second one. */
  membership: string;
}

/** Two users, each with an organization, and the first one a member of the second one's too. */
export function addSmallWorld(instance: WorldInstance): SmallWorld {
  const tag = crypto.randomUUID().replaceAll("-", "");
  const [user, other] = [`user_a${tag}`, `user_b${tag}`];
  const [org, second] = [`org_a${tag}`, `org_b${tag}`];
  const membership = `orgmem_c${tag}`;
  for (const id of [user, other]) instance.addUser({ id, ...withEmail(`${id}@example.com`) });
  for (const [id, name, creator] of [[org, "Engines", user], [second, "Looms", other]] as const) {
    instance.addOrganization({ id, name });
    // Said afterwards, so that the first membership does not get an id of the instance's own.
    instance.changeOrganization(id, { created_by: creator });
    instance.addMembership(id, creator, "org:admin", { id: `orgmem_${id.slice(4)}` });
  }
  instance.addMembership(second, user, "org:member", { id: membership });
  return { user, other, org, second, membership };
}
