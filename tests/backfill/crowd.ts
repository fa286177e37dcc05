import { WorldInstance } from "../clerk_api/world_instance.ts";

const ROLES = ["org:member", "org:admin", "org:billing"];

/** An instance of so many users, a fifth as many organizations, and some three times as many memberships. */
export function crowd(count: number, instance: WorldInstance = new WorldInstance()): WorldInstance {
  const users = Array.from({ length: count }, () => instance.addUser());
  const organizations = Array.from(
    { length: Math.ceil(count / 5) },
    (_, index) =>
      instance.addOrganization({ created_by: users[index]!, slug: `organization-${index}` }),
  );
  for (const [index, user] of users.entries()) {
    for (const step of [1, 2, 3]) {
      const where = (index + step) % organizations.length;
      // The creator is a member already.
      if (where !== index) {
        instance.addMembership(organizations[where]!, user, ROLES[(index + step) % ROLES.length]);
      }
    }
  }
  return instance;
}
