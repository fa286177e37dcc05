import assert from "node:assert/strict";
import { deliverUser, deliverUserJson } from "./support/deliver.ts";

Deno.test("U+0000 is left out of names and of metadata's keys and values", async () => {
  const { said, call } = await deliverUserJson(
    '"first_name":"A\\u0000da",' +
      '"public_metadata":{"k\\u0000ey":["v\\u0000alue",{"\\u0000":"\\u0000"}]}',
  );
  assert.equal(said, "200 applied");
  assert.equal(call.args.p_full_name, "Ada");
  assert.deepEqual(call.args.p_public_metadata, { key: ["value", { "": "" }] });
});

Deno.test("half a surrogate pair becomes U+FFFD in names and in metadata", async () => {
  const { said, call } = await deliverUserJson(
    '"first_name":"\\ud83dAda\\uDE00","public_metadata":{"\\udc00":"\\ud800"}',
  );
  assert.equal(said, "200 applied");
  assert.equal(call.args.p_full_name, "\ufffdAda\ufffd");
  assert.deepEqual(call.args.p_public_metadata, { "\ufffd": "\ufffd" });
});

Deno.test("what is left out of metadata changes nothing else in it", async () => {
  const { call } = await deliverUserJson(
    '"public_metadata":{"__proto__":"\\u0000","a":[12345678901234567890,"\\\\u0000\\\\\\u0000"]}',
  );
  assert.equal(
    JSON.stringify(call.args.p_public_metadata),
    '{"__proto__":"","a":[12345678901234567890,"\\\\u0000\\\\"]}',
  );
});

Deno.test("a key that would be another one without U+0000 is not that one", async () => {
  const { call } = await deliverUserJson('"banned\\u0000":true,"i\\u0000d":"user_2"');
  assert.equal(call.args.p_banned, false);
  assert.equal(call.args.p_external_id, "user_1");
});

Deno.test("an escape in capitals is the same escape", async () => {
  const { said, call } = await deliverUserJson('"first_name":"Ada\\uD83D"');
  assert.equal(said, "200 applied");
  assert.equal(call.args.p_full_name, "Ada\ufffd");
});

Deno.test("an emoji stays what it is, escaped or not, even beside U+0000", async () => {
  const { call } = await deliverUserJson(
    '"first_name":"😀","last_name":"\\ud83d\\ude00\\u0000"',
  );
  assert.equal(call.args.p_full_name, "😀 😀");
});

Deno.test("a backslash before u0000 is text like any other", async () => {
  const { call } = await deliverUser({ first_name: "\\u0000" });
  assert.equal(call.args.p_full_name, "\\u0000");
});

Deno.test("a raw control character in a string is not JSON", async () => {
  const { said } = await deliverUserJson('"first_name":"\0"');
  assert.equal(said, "422 rejected");
});

Deno.test("an id that is nothing but U+0000 is rejected", async () => {
  assert.equal((await deliverUser({ id: "\0" })).said, "422 rejected");
});
