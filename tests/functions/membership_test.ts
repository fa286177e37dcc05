import assert from "node:assert/strict";
import { route } from "../../supabase/functions/clerk-webhook/route.ts";
import { argsOf } from "./support/args_of.ts";

/** What is asked for by an organizationMembership.updated with these fields. */
function membershipArgs(fields: object) {
  const organization = { id: "org_1", name: "Analytical Engines" };
  const required = { id: "orgmem_1", role: "org:member", organization };
  return argsOf("organizationMembership.updated", { ...required, ...fields });
}

Deno.test("a membership without public_user_data names no user", () => {
  for (const type of ["created", "updated", "deleted"]) {
    for (const public_user_data of [undefined, null]) {
      const organization = { id: "org_1", name: "Analytical Engines" };
      const data = { id: "orgmem_1", role: "org:member", organization, public_user_data };
      const args = argsOf(`organizationMembership.${type}`, data);
      assert.equal(args.p_external_id, "orgmem_1");
      assert.equal(args.p_user_external_id, null);
      assert.equal(args.p_user_email, null);
      assert.equal(args.p_user_full_name, null);
    }
  }
});

Deno.test("an identifier that is an email address is the user's email", () => {
  const public_user_data = { user_id: "user_1", identifier: "ada@example.com" };
  assert.equal(membershipArgs({ public_user_data }).p_user_email, "ada@example.com");
});

Deno.test("an identifier that is a phone number, a username or nothing is no email", () => {
  for (const identifier of ["+12025550143", "ada", "", null, undefined]) {
    const public_user_data = { user_id: "user_1", identifier };
    assert.equal(membershipArgs({ public_user_data }).p_user_email, null);
  }
});

Deno.test("what a membership does not say of its user stays unknown", () => {
  const args = membershipArgs({ public_user_data: { user_id: "user_1" } });
  assert.equal(args.p_user_external_id, "user_1");
  assert.equal(args.p_user_banned, null);
  assert.equal(args.p_user_deprovisioned, null);
  assert.equal(args.p_user_username, null);
  assert.equal(args.p_user_avatar_url, null);
});

Deno.test("what a membership says of a user who can't sign in is handed on", () => {
  const public_user_data = { user_id: "user_1", banned: true, deprovisioned: true };
  const { p_user_banned, p_user_deprovisioned } = membershipArgs({ public_user_data });
  assert.deepEqual([p_user_banned, p_user_deprovisioned], [true, true]);
});

Deno.test("the role is handed on as Clerk's key", () => {
  for (const role of ["org:admin", "basic_member", "org:billing_manager"]) {
    assert.equal(membershipArgs({ role }).p_role, role);
  }
});

Deno.test("a membership without an organization, or public_user_data without a user, is rejected", () => {
  const organization = { id: "org_1" };
  const data = { id: "orgmem_1", role: "org:member", organization };
  for (const broken of [{ organization: null }, { organization: {} }, { public_user_data: {} }]) {
    const routed = route("organizationMembership.created", { ...data, ...broken });
    assert.equal(routed.kind, "reject", JSON.stringify(broken));
  }
});
