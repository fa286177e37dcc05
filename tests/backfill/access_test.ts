import assert from "node:assert/strict";
import { type ClerkSources, resolveClerk } from "../../scripts/clerk/sides.ts";
import { resolveProject } from "../../scripts/project/project.ts";

const LOCAL = { API_URL: "http://127.0.0.1:54321", SECRET_KEY: "sb_secret_local" };
const HOSTED = "https://abc.supabase.co";

interface Given {
  url?: string;
  schema?: string;
  env?: Record<string, string>;
  stack?: Record<string, string>;
}

function resolve({ url, schema, env = {}, stack = {} }: Given) {
  return resolveProject({
    options: { url, schema },
    env,
    stack: { path: ".stack/env", values: stack },
  });
}

Deno.test("the running local stack is the project when nothing is named", () => {
  const { url, secretKey, keySource } = resolve({ stack: LOCAL });
  assert.deepEqual([url.host, secretKey, keySource], [
    "127.0.0.1:54321",
    "sb_secret_local",
    ".stack/env",
  ]);
});

Deno.test("a project is named by --url or SUPABASE_URL, with a key from the environment", () => {
  const env = { SUPABASE_URL: HOSTED, SUPABASE_SECRET_KEY: "sb_secret_hosted" };
  assert.equal(resolve({ env, stack: LOCAL }).url.host, "abc.supabase.co");
  assert.equal(resolve({ env, stack: LOCAL }).secretKey, "sb_secret_hosted");
  const other = resolve({ url: "https://other.supabase.co", env });
  assert.equal(other.url.host, "other.supabase.co");
  const older = { SUPABASE_URL: HOSTED, SUPABASE_SERVICE_ROLE_KEY: "eyJ.older.key" };
  assert.equal(resolve({ env: older }).keySource, "SUPABASE_SERVICE_ROLE_KEY");
});

Deno.test("the schema is that of --schema, else of CLERK_SYNC_SCHEMA, else public", () => {
  const env = { CLERK_SYNC_SCHEMA: "clerk" };
  assert.equal(resolve({ schema: "people", env, stack: LOCAL }).schema, "people");
  assert.equal(resolve({ env, stack: LOCAL }).schema, "clerk");
  assert.equal(resolve({ stack: LOCAL }).schema, "public");
  assert.throws(() => resolve({ schema: "clerk_sync", stack: LOCAL }), /not the app's/);
});

Deno.test("the local stack's key goes nowhere else", () => {
  const elsewhere = [HOSTED, "http://127.0.0.1:54399", "https://127.0.0.1:54321"];
  for (const url of elsewhere) {
    assert.throws(
      () => resolve({ url, stack: LOCAL }),
      /No secret key for .*not sent anywhere else/,
    );
  }
  assert.equal(resolve({ url: "http://127.0.0.1:54321/", stack: LOCAL }).keySource, ".stack/env");
});

Deno.test("a key without its project is not tried on the local stack", () => {
  const env = { SUPABASE_SECRET_KEY: "sb_secret_hidden" };
  assert.throws(
    () => resolve({ env, stack: LOCAL }),
    ({ name, message }: Error) =>
      name === "UsageError" && /no project: give --url/.test(message) && !/hidden/.test(message),
  );
});

Deno.test("without any project the error says how to get one", () => {
  assert.throws(() => resolve({}), /npm start[^]*SUPABASE_URL and SUPABASE_SECRET_KEY/);
});

Deno.test("a publishable key, and a URL that is not http, are refused", () => {
  const key = { SUPABASE_SECRET_KEY: "sb_publishable_hidden" };
  assert.throws(
    () => resolve({ url: HOSTED, env: key }),
    ({ message }: Error) => /publishable key/.test(message) && !/hidden/.test(message),
  );
  assert.throws(() => resolve({ url: "abc.supabase.co", stack: LOCAL }), /not an http/);
});

function clerk(env: ClerkSources["env"], values: ClerkSources["file"]["values"] = {}) {
  return resolveClerk({ env, file: { path: "supabase/functions/.env", values } });
}

Deno.test("the environment goes before the functions' file, and an empty variable counts as unset", () => {
  const file = { CLERK_SECRET_KEY: "sk_test_file", CLERK_API_URL: "http://127.0.0.1:1" };
  const { secretKey, isLive } = clerk({}, file);
  assert.deepEqual([secretKey, isLive], ["sk_test_file", false]);
  assert.equal(clerk({ CLERK_SECRET_KEY: "" }, file).apiUrl, "http://127.0.0.1:1");
  const env = { CLERK_SECRET_KEY: " sk_live_env\n", CLERK_API_URL: "http://127.0.0.1:2" };
  const access = clerk(env, file);
  assert.deepEqual(access, {
    secretKey: "sk_live_env",
    apiUrl: "http://127.0.0.1:2",
    isLive: true,
    instanceId: null,
  });
});

Deno.test("without a key the error says where it belongs", () => {
  assert.throws(() => clerk({}), /CLERK_SECRET_KEY is not set[^]*supabase\/functions\/\.env/);
});

Deno.test("a malformed key is refused, and not shown", () => {
  for (
    const key of ["pk_test_hidden", "sk_hidden", "sk_test_", "sk_test_hid den", "sk_prod_hidden"]
  ) {
    assert.throws(
      () => clerk({ CLERK_SECRET_KEY: key }),
      ({ name, message }: Error) =>
        name === "UsageError" && message.includes("malformed") && !message.includes("hid"),
      key,
    );
  }
});

Deno.test("an address of Clerk that is not http is refused", () => {
  for (const url of ["localhost:1", "file:///etc/hosts", "clerk"]) {
    assert.throws(
      () => clerk({ CLERK_SECRET_KEY: "sk_test_a", CLERK_API_URL: url }),
      /CLERK_API_URL is not/,
    );
  }
});
