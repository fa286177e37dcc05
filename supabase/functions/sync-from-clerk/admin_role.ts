/** Whether it is Clerk's key of the admin role; old instances have it without `org:`. */
export function isAdminRole(role: string | undefined): boolean {
  return role === "org:admin" || role === "admin";
}
