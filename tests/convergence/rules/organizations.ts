import type { OrganizationBody } from "../clerk/event.ts";
import type { Facts } from "./facts.ts";
import type { Tables } from "./tables.ts";
import { type Claim, isNewer, newest } from "./version.ts";

/** Rules 1, 2, 5 and 6 for organizations. */
export function organizationRows(facts: Facts): Tables["organizations"] {
  const { organizations, deletedAt } = facts;
  const winners = new Map<string, Claim<OrganizationBody>>();
  for (const [id, claims] of organizations) winners.set(id, newest(claims)!);

  const rows: Tables["organizations"] = new Map();
  for (const [id, winner] of winners) {
    const { body, updatedAt } = winner;
    const isStub = updatedAt === null;
    rows.set(id, {
      external_id: id,
      name: body.name,
      slug: holdsSlug(winner, winners, deletedAt) ? body.slug : null,
      logo_url: body.image_url,
      created_by: creatorOf(id, facts),
      public_metadata: isStub ? {} : body.public_metadata,
      plan: "free",
      timezone: "UTC",
      created_at: isStub ? null : body.created_at,
      updated_at: updatedAt,
      deleted_at: deletedAt.get(id) ?? null,
    });
  }
  return rows;
}

/** A creator never changes, and a body that leaves it out says nothing of it. */
export function creatorOf(organization: string, { organizations }: Facts): string | null {
  const claims = organizations.get(organization) ?? [];
  return claims.find(({ body }) => body.created_by)?.body.created_by ?? null;
}

/** Rule 6: of the living organizations whose newest snapshot claims a slug, the newest claim holds it. */
function holdsSlug(
  claim: Claim<OrganizationBody>,
  winners: Map<string, Claim<OrganizationBody>>,
  deletedAt: Facts["deletedAt"],
): boolean {
  if (deletedAt.has(claim.body.id)) return false;
  for (const rival of winners.values()) {
    const isRival = rival.body.id !== claim.body.id && rival.body.slug === claim.body.slug;
    if (isRival && !deletedAt.has(rival.body.id) && isNewer(rival, claim)) return false;
  }
  return true;
}
