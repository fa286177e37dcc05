/** The stack of an app's project, which has the sync beside functions and migrations of its own. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { withWebhookSecret } from "../../scripts/stack/env_file.ts";
import { seenByGit } from "../../scripts/stack/run_stack.ts";
import { migrationTrouble } from "../../scripts/stack/supabase_cli.ts";
import { type Project, start } from "./project.ts";

const SUPABASE = join(import.meta.dirname!, "..", "..", "supabase");

/** A project as an app has it: no deno.json, and a package.json that is somebody else's business. */
async function appProject(files: Record<string, string>): Promise<Project> {
  const root = await Deno.makeTempDir({ prefix: "app-" });
  // As root the server runs as another user, who has to get through.
  await Deno.chmod(root, 0o711);
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(join(root, name, ".."), { recursive: true });
    await Deno.writeTextFile(join(root, name), text);
  }
  return {
    root,
    dataDir: join(root, ".stack"),
    [Symbol.dispose]: () => Deno.removeSync(root, { recursive: true }),
  };
}

const APP = {
  "package.json": `{ "name": "my-app", "dependencies": { "next": "16.0.0" } }`,
  "supabase/config.toml": `
    [functions.clerk-webhook]
    verify_jwt = false
    import_map = "./functions/clerk-webhook/deno.json"
    entrypoint = "./functions/clerk-webhook/index.ts"
    [functions.hello]
    verify_jwt = false
    [functions.plain]
    verify_jwt = false
    [functions.broken]
    verify_jwt = false
  `,
  "supabase/migrations/20260101000000_things.sql": "create table public.things (id integer);",
  "supabase/functions/.env": "GREETING=hello\n",
  "supabase/functions/hello/deno.json": `{ "imports": { "words": "./words.ts" } }`,
  "supabase/functions/hello/words.ts": `export const greeting = Deno.env.get("GREETING");`,
  "supabase/functions/hello/index.ts":
    `import { greeting } from "words"; Deno.serve(() => new Response(greeting));`,
  "supabase/functions/plain/index.ts": `Deno.serve(() => new Response("plain"));`,
  "supabase/functions/broken/index.ts": `import "no-such-package";`,
};

Deno.test("an app's functions are served beside ours, and one that fails is told and ends nothing", async () => {
  using project = await appProject(APP);
  for (const name of ["clerk-webhook", "_clerk_sync"]) {
    const folder = join("functions", name);
    await cp(join(SUPABASE, folder), join(project.root, "supabase", folder), { recursive: true });
  }
  await using stack = await start(project);
  const call = async (name: string, init?: RequestInit) => {
    const response = await fetch(`${stack.env.API_URL}/functions/v1/${name}`, init);
    return [response.status, await response.text()];
  };
  deepEqual(await call("hello"), [200, "hello"]);
  deepEqual(await call("plain"), [200, "plain"]);
  const [status, body] = await call("broken");
  deepEqual([status, JSON.parse(String(body)).code], [503, "BOOT_ERROR"]);
  ok(stack.said.some((line) => /\/broken: none, for it does not start/.test(line)), "told");
  // With the packages that are installed here: the project has none of them.
  const [refused, why] = await call("clerk-webhook", { method: "POST", body: "{}" });
  equal(refused, 401);
  match(String(why), /invalid_signature/);
  deepEqual([...Deno.readDirSync(project.root)].map(({ name }) => name).sort(), [
    ".stack",
    "package.json",
    "supabase",
  ]);
});

Deno.test("a migration that fails is named with its reason, and deleting the data is not the first thing said", async () => {
  using project = await appProject({
    ...APP,
    "supabase/migrations/20260102000000_more.sql": "create table public.things (id integer);",
  });
  const error = await start(project).then(() => null, (error) => error);
  match(
    error.message,
    /^the migration 20260102000000_more\.sql fails:\nERROR: relation "things" already exists/,
  );
  match(error.message, /Mend that[^]*all data\.\n--fresh .*deletes all local data/);
});

const TROUBLES: [what: string, output: string, message: RegExp][] = [
  [
    "files that are gone",
    "Remote migration versions not found in local migrations directory.\n" +
    "supabase migration repair --status reverted 20260101000000 20260102000000 --remote=<db-url>\n",
    /^supabase\/migrations lacks .*: 20260101000000, 20260102000000\n\nPut these files back/,
  ],
  [
    "numbers that come too early",
    "Found local migration files to be inserted before the last migration on remote database.\n\n" +
    "/app/supabase/migrations/20250101000000_a.sql\n/app/supabase/migrations/20250102000000_b.sql\n",
    /^migrations come before .*: 20250101000000_a\.sql, 20250102000000_b\.sql\n\nGive them numbers/,
  ],
  [
    "what only Supabase has",
    "Applying migration 1_a.sql...\nApplying migration 2_b.sql...\n" +
    `ERROR: extension "vector" is not available (SQLSTATE 0A000)\nTry rerunning the command\n`,
    /^the migration 2_b\.sql fails:\nERROR: extension "vector" .*\n\nThe stack has no such part/,
  ],
  ["anything else", "failed to connect\n", /^the migrations fail:\nfailed to connect\n\nMend that/],
];

for (const [what, output, message] of TROUBLES) {
  Deno.test(`migrations that fail by ${what}: what to mend comes first, then --fresh and that it deletes`, () => {
    const told = migrationTrouble(output);
    match(told, message);
    match(told, /--fresh .* deletes all local data/);
    equal(told.includes("repair"), false);
  });
}

Deno.test("a webhook secret that .env does not name stays the same, and is another for each stack", () => {
  const secretOf = (kept: string) => withWebhookSecret({}, kept).CLERK_WEBHOOK_SECRET;
  match(secretOf("a")!, /^whsec_[A-Za-z0-9+/]{43}=$/);
  equal(secretOf("a"), secretOf("a"));
  ok(secretOf("a") !== secretOf("b"));
  const own = { CLERK_WEBHOOK_SECRET: "whsec_own" };
  deepEqual(withWebhookSecret(own, "a"), own);
});

Deno.test("what git would take of a stack's secrets is told, and nothing outside of a repository", async () => {
  using project = await appProject({ ".gitignore": "node_modules/\n" });
  const { root, dataDir } = project;
  const paths = [dataDir, "supabase/functions/.env", "/elsewhere/.stack"];
  deepEqual(await seenByGit(root, paths), []);
  await Deno.mkdir(dataDir);
  await new Deno.Command("git", { args: ["init", "-q"], cwd: root }).output();
  deepEqual(await seenByGit(root, paths), [".stack", "supabase/functions/.env"]);
  await Deno.writeTextFile(join(root, ".gitignore"), ".stack/\n.env\n");
  deepEqual(await seenByGit(root, paths), []);
});
