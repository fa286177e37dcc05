import * as z from "zod/mini";

/** Clerk's ids are some 32 characters. They become parts of a URL, and are nothing but letters and digits. */
export const UserId = z.string().check(z.regex(/^user_[A-Za-z0-9]{1,100}$/));

/** As `UserId`, of an organization. */
export const OrganizationId = z.string().check(z.regex(/^org_[A-Za-z0-9]{1,100}$/));
