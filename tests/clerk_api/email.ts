import type { UserBody } from "../../scripts/converge/clerk/world.ts";

/** The fields of a user whose only address this is. Clerk's client reads none without `linked_to`. */
export function withEmail(
  address: string,
): Pick<UserBody, "primary_email_address_id" | "email_addresses"> {
  const email = { id: `idn_${address}`, email_address: address, linked_to: [] };
  return { primary_email_address_id: email.id, email_addresses: [email] };
}
