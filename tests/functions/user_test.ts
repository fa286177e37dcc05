import assert from "node:assert/strict";
import { argsOf } from "./support/args_of.ts";

/** What is asked for by a user.updated with these fields. */
function userArgs(fields: object) {
  return argsOf("user.updated", { id: "user_1", ...fields });
}

const TWO_ADDRESSES = [
  { id: "idn_1", email_address: "first@example.com" },
  { id: "idn_2", email_address: "second@example.com" },
];

Deno.test("the email is the one that primary_email_address_id names, not the first", () => {
  const fields = { email_addresses: TWO_ADDRESSES, primary_email_address_id: "idn_2" };
  assert.equal(userArgs(fields).p_email, "second@example.com");
});

Deno.test("addresses of which none is the primary one leave the email empty", () => {
  for (const primary of [null, undefined, "", "idn_3"]) {
    const fields = { email_addresses: TWO_ADDRESSES, primary_email_address_id: primary };
    assert.equal(userArgs(fields).p_email, "");
  }
});

Deno.test("a primary id beside no addresses leaves the email empty", () => {
  for (const addresses of [[], null, undefined]) {
    const fields = { email_addresses: addresses, primary_email_address_id: "idn_1" };
    assert.equal(userArgs(fields).p_email, "");
  }
});

Deno.test("an address without an id is never the primary one", () => {
  const email_addresses = [{ email_address: "first@example.com" }, {
    id: null,
    email_address: "x",
  }];
  assert.equal(userArgs({ email_addresses, primary_email_address_id: null }).p_email, "");
});

Deno.test("a user who has only a phone has neither email nor name", () => {
  const { p_email, p_full_name, p_username } = userArgs({
    primary_email_address_id: null,
    primary_phone_number_id: "idn_1",
    email_addresses: [],
    phone_numbers: [{ id: "idn_1", phone_number: "+12025550143" }],
    first_name: null,
    last_name: null,
    username: null,
  });
  assert.deepEqual([p_email, p_full_name, p_username], ["", null, null]);
});

Deno.test("a user of whom only the id is known is mapped to defaults", () => {
  assert.deepEqual(userArgs({}), {
    p_external_id: "user_1",
    p_email: "",
    p_full_name: null,
    p_avatar_url: null,
    p_username: null,
    p_banned: false,
    p_deprovisioned: false,
    p_public_metadata: {},
    p_created_at: null,
    p_updated_at: null,
  });
});

Deno.test("empty strings become null", () => {
  const { p_full_name, p_avatar_url, p_username } = userArgs({
    first_name: "",
    last_name: " ",
    image_url: "",
    profile_image_url: "",
    username: "",
  });
  assert.deepEqual([p_full_name, p_avatar_url, p_username], [null, null, null]);
});

Deno.test("the full name is what there is of first and last name", () => {
  assert.equal(userArgs({ first_name: "Ada", last_name: "Lovelace" }).p_full_name, "Ada Lovelace");
  assert.equal(userArgs({ first_name: " Ada ", last_name: null }).p_full_name, "Ada");
  assert.equal(userArgs({ first_name: "", last_name: "Lovelace" }).p_full_name, "Lovelace");
});

Deno.test("the deprecated image URL is used where there is no other", () => {
  const old = { profile_image_url: "https://img.example.com/old" };
  assert.equal(userArgs(old).p_avatar_url, "https://img.example.com/old");
  const both = { ...old, image_url: "https://img.example.com/new" };
  assert.equal(userArgs(both).p_avatar_url, "https://img.example.com/new");
});

Deno.test("a banned user is banned", () => {
  assert.equal(userArgs({ banned: true }).p_banned, true);
});

Deno.test("a user whom the company's directory disabled is deprovisioned", () => {
  assert.equal(userArgs({ deprovisioned: true }).p_deprovisioned, true);
  assert.equal(userArgs({ deprovisioned: null }).p_deprovisioned, false);
});

Deno.test("public metadata is handed on as it is, private metadata is not", () => {
  const args = userArgs({
    public_metadata: { plan: ["pro", { seats: 3 }], none: null },
    private_metadata: { note: "private" },
    unsafe_metadata: { note: "unsafe" },
  });
  assert.deepEqual(args.p_public_metadata, { plan: ["pro", { seats: 3 }], none: null });
  assert.ok(!JSON.stringify(args).includes("note"));
});

Deno.test("metadata that is null becomes empty", () => {
  assert.deepEqual(userArgs({ public_metadata: null }).p_public_metadata, {});
});

Deno.test("fields that Clerk has not invented yet are not in the way", () => {
  assert.equal(userArgs({ favourite_colour: { deep: [1] } }).p_external_id, "user_1");
});

Deno.test("a delete says the id and no more", () => {
  for (const resource of ["user", "organization"]) {
    const data = { id: "an_id", object: resource, deleted: true, external_id: "ours", slug: "x" };
    assert.deepEqual(argsOf(`${resource}.deleted`, data), { p_external_id: "an_id" });
  }
});
