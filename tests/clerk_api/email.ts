import type { UserBody } from "../convergence/clerk/event.ts";

/** The fields of a user whose only address this is. */
export function withEmail(
  address: string,
): Pick<UserBody, "primary_email_address_id" | "email_addresses"> {
  const id = `idn_${address}`;
  return { primary_email_address_id: id, email_addresses: [{ id, email_address: address }] };
}
