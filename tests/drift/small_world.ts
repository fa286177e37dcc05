import { WorldInstance } from "../clerk_api/world_instance.ts";

/** Long ago: no webhook of it can be under way. */
const LONG_AGO = Date.UTC(2026, 2, 2, 9);

/** An instance whose changes all happened long ago. */
export function oldInstance(id?: string): WorldInstance {
  let ms = LONG_AGO;
  return new WorldInstance(undefined, { ...(id && { id }), now: () => ms += 1000 });
}

/** Three users, two organizations of the first one, and the second one in both. */
export function smallWorld(): WorldInstance {
  const instance = oldInstance();
  const ada = instance.addUser({ id: "user_ada" });
  const grace = instance.addUser({ id: "user_grace" });
  instance.addUser({ id: "user_linus" });
  const engines = instance.addOrganization({ id: "org_engines", slug: "engines" });
  const navy = instance.addOrganization({ id: "org_navy", slug: "navy" });
  instance.changeOrganization(engines, { created_by: ada });
  instance.changeOrganization(navy, { created_by: ada });
  instance.addMembership(engines, ada, "org:admin", { id: "orgmem_ada_engines" });
  instance.addMembership(navy, ada, "org:admin", { id: "orgmem_ada_navy" });
  instance.addMembership(engines, grace, "org:member", { id: "orgmem_engines" });
  instance.addMembership(navy, grace, "org:admin", { id: "orgmem_navy" });
  return instance;
}
