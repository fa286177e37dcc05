/** Who is a member where: the memberships of an instance by number, the oldest first, without a list of them. */
export interface Pairs {
  pairOf(index: number): { organization: number; user: number };
  ofOrganization(organization: number): number[];
  ofUser(user: number): number[];
}

/** How many of each there are. */
export interface Sizes {
  users: number;
  organizations: number;
  memberships: number;
}

/**
 * Membership number `round * organizations + organization` is the one that this organization gets in this round; its user
 * is `organization * stride + round`, so that no pair occurs twice, and a user's memberships can be computed too.
 */
export function generatedPairs({ users, organizations, memberships }: Sizes): Pairs {
  const rounds = organizations === 0 ? 0 : Math.ceil(memberships / organizations);
  if (rounds > users || (organizations === 0 && memberships > 0)) {
    throw new RangeError(`${memberships} memberships are more than there are pairs`);
  }
  const stride = Math.max(1, Math.floor(users / organizations));
  const exists = (index: number) => index < memberships;
  const pairOf = (index: number) => {
    const organization = index % organizations;
    const round = (index - organization) / organizations;
    return { organization, user: (organization * stride + round) % users };
  };
  return {
    pairOf,
    ofOrganization: (organization) =>
      Array.from({ length: rounds }, (_, round) => round * organizations + organization)
        .filter(exists),
    ofUser: (user) => {
      const indexes: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const distance = (user - round + users) % users;
        if (distance % stride !== 0) continue;
        for (let one = distance / stride; one < organizations; one += users) {
          indexes.push(round * organizations + one);
        }
      }
      return indexes.filter(exists);
    },
  };
}
