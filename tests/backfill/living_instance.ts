import type { ClerkInstance } from "../clerk_api/instance.ts";
import { WorldInstance } from "../clerk_api/world_instance.ts";
import type { Command } from "../../scripts/converge/clerk/commands.ts";
import { simulate } from "../../scripts/converge/clerk/simulator.ts";

/** An instance that lives through a history while it is asked: each answer is that of some moment, and none is older than the last. */
export function livingInstance(commands: readonly Command[], tag: string, moments: number) {
  const worlds = Array.from({ length: moments }, (_, index) => {
    const lived = Math.ceil(commands.length * (index + 1) / moments);
    return new WorldInstance(simulate(commands.slice(0, lived), tag).world);
  });
  let answers = 0;
  const now = () => worlds[Math.min(answers++, moments - 1)]!;
  const instance: ClerkInstance = {
    id: worlds[0]!.id,
    user: (id) => now().user(id),
    users: (query) => now().users(query),
    countUsers: (ids) => now().countUsers(ids),
    organization: (idOrSlug) => now().organization(idOrSlug),
    organizations: (query) => now().organizations(query),
    memberships: (query) => now().memberships(query),
  };
  return instance;
}
