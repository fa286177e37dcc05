import assert from "node:assert/strict";
import { type ClerkSources, resolveClerk } from "../../scripts/clerk/sides.ts";

function resolve(env: ClerkSources["env"], values: ClerkSources["file"]["values"] = {}) {
  return resolveClerk({ env, file: { path: "supabase/functions/.env", values } });
}

Deno.test("the environment goes before the functions' file, and an empty variable counts as unset", () => {
  const file = { CLERK_SECRET_KEY: "sk_test_file", CLERK_API_URL: "http://127.0.0.1:1" };
  assert.equal(resolve({}, file).secretKey, "sk_test_file");
  assert.equal(resolve({ CLERK_SECRET_KEY: "" }, file).apiUrl, "http://127.0.0.1:1");
  const env = { CLERK_SECRET_KEY: " sk_live_env\n", CLERK_API_URL: "http://127.0.0.1:2" };
  const access = resolve(env, file);
  assert.deepEqual(access, {
    secretKey: "sk_live_env",
    apiUrl: "http://127.0.0.1:2",
    isLive: true,
    instanceId: null,
  });
});

Deno.test("the key's prefix tells whether it is a production instance's", () => {
  assert.equal(resolve({ CLERK_SECRET_KEY: "sk_live_a" }).isLive, true);
  assert.equal(resolve({ CLERK_SECRET_KEY: "sk_test_a" }).isLive, false);
});

Deno.test("without a key the error says where it belongs", () => {
  assert.throws(() => resolve({}), /CLERK_SECRET_KEY is not set[^]*supabase\/functions\/\.env/);
});

Deno.test("a malformed key is refused, and not shown", () => {
  for (
    const key of ["pk_test_hidden", "sk_hidden", "sk_test_", "sk_test_hid den", "sk_prod_hidden"]
  ) {
    assert.throws(
      () => resolve({ CLERK_SECRET_KEY: key }),
      ({ name, message }: Error) =>
        name === "UsageError" && message.includes("malformed") && !message.includes("hid"),
      key,
    );
  }
});

Deno.test("an address of Clerk that is not http is refused", () => {
  for (const url of ["localhost:1", "file:///etc/hosts", "clerk"]) {
    assert.throws(
      () => resolve({ CLERK_SECRET_KEY: "sk_test_a", CLERK_API_URL: url }),
      /CLERK_API_URL is not/,
    );
  }
});
