/** The ids of what fill.ts makes, as long as Clerk's and in the order of age like those. */

/** Members of each organization; the first of them created it. */
export const MEMBERS_OF_EACH = 10;

const TAG = "3A9fXq2LkVn8RtYw4Cz";
const DIGITS = 8;

const PREFIXES = {
  user: `user_${TAG}`,
  organization: `org_${TAG}`,
  /** The membership of the user with the same number. */
  membership: `orgmem_${TAG}`,
  /** The svix-id of the event that told of the user with the same number. */
  event: `msg_${TAG}`,
};

type FilledKind = keyof typeof PREFIXES;

/** The id of one of them; the first has the number 1. */
export function filledId(kind: FilledKind, number: number): string {
  return PREFIXES[kind] + String(number).padStart(DIGITS, "0");
}

/** The number of the organization whose member a user is. */
export function organizationOf(user: number): number {
  return Math.ceil(user / MEMBERS_OF_EACH);
}

/** The same id as an expression of SQL, of an expression for the number. */
export function filledIdSql(kind: FilledKind, number: string): string {
  return `'${PREFIXES[kind]}' || lpad(cast(${number} as text), ${DIGITS}, '0')`;
}

/**
 * When every filled membership began, in UTC. Clerk never changes it: an event that told of another time would move the
 * membership within an index.
 */
export const JOINED_AT = "2026-01-01";
