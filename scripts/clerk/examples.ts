/**
 * Ids of the bodies that Clerk publishes as examples, and that "Send Example" in its Dashboard delivers, signed as any other
 * event: no instance has these objects. The first of each kind, and the second and third user, are of Clerk's OpenAPI
 * description (webhooks/2025-04-15.yml in github.com/clerk/openapi-specs), the others of the Dashboard's event catalog until
 * 2025 and of https://clerk.com/docs/guides/development/webhooks/overview.
 */
const EXAMPLES = {
  users: [
    "user_2g7np7Hrk0SN6kj5EDMLDaKNL0S",
    "user_2h8op3Isl1QR7tKu5FGNfaLKEoU",
    "user_34D368EufHwugfYh4yyGNEheM0S",
    "user_29w83sxmDNGwOuEthce5gg56FcC",
    "user_29wACSk1DjeUCwsS6SbbgIgilMy",
    "user_29wBMCtzATuFJut8jO2VNTVekS4",
    "user_1vq84bqWzw7qmFgqSwN4CH1Wp0n",
  ],
  organizations: ["org_2g7np7Hrk0SN6kj5EDMLDaKNL0S", "org_29w9IfBrPmcpi0IeBVaKtA7R94W"],
  memberships: [
    "orgmem_2g7np7Hrk0SN6kj5EDMLDaKNL0S",
    "orgmem_29w9IptNja3mP8GDXpquBwN2qR9",
    "orgmem_29wAbjiJs6aZuPq7AzmkW9dwmyl",
  ],
  sessions: ["sess_2g7np7Hrk0SN6kj5EDMLDaKNL0S"],
} as const;

/** Examples that have rows of their own, by the table. */
export const { users: EXAMPLE_USERS, organizations: EXAMPLE_ORGANIZATIONS } = EXAMPLES;

const IDS: ReadonlySet<string> = new Set(Object.values(EXAMPLES).flat());

/** Whether an id is one of Clerk's examples. */
export function isExample(id: string): boolean {
  return IDS.has(id);
}

/**
 * The SQL that deletes examples here, of the schema `public`, with the memberships of them; null where there is none among
 * these ids.
 */
export function erasureOf(ids: string[]): string | null {
  const calls = ids.filter(isExample).flatMap((id) => {
    if (id.startsWith("org_")) return [`public.delete_org('${id}')`];
    return id.startsWith("user_") ? [`public.delete_user('${id}')`] : [];
  });
  return calls.length > 0 ? `select ${calls.join(", ")};` : null;
}
