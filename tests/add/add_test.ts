/** The files of a project: what is written, what stays, what stops it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { apply } from "../../scripts/add/apply.ts";
import { namesAfter } from "../../scripts/add/names.ts";
import { planAdd } from "../../scripts/add/plan.ts";
import { openProject } from "../../scripts/add/project.ts";
import { readRelease } from "../../scripts/add/release.ts";
import { planRemove } from "../../scripts/add/remove.ts";
import { runCommand } from "../support/run_command.ts";
import { clento, FILES, filesOf, put } from "./clento.ts";
import { add, OLDER, RELEASE } from "./support.ts";

const CONFIG = "supabase/config.toml";
const EXAMPLE = "supabase/functions/.env.example";
const HANDLER = "supabase/functions/clerk-webhook/handler.ts";
const ENV = "supabase/functions/_clerk_sync/env.ts";
const MIGRATIONS = RELEASE.migrations.length;

Deno.test("the command adds all files, says what comes next, and the second time there is nothing to do", async () => {
  using project = clento();
  const first = await runCommand("add", { args: [project.root] });
  assert.equal(first.code, 0, first.stderr);
  assert.ok(
    first.stdout.includes(`${MIGRATIONS} migrations, first 20261124000050_preflight.sql`),
    first.stdout,
  );
  assert.match(first.stdout, /1\. npx supabase db push --remote/);
  const files = filesOf(project.root);
  for (const [path, text] of RELEASE.files) assert.equal(files[path], text, path);
  for (const { file, text } of RELEASE.migrations) {
    assert.equal(files[`supabase/migrations/${file}`], text);
  }
  for (const [path, text] of Object.entries(FILES)) assert.ok(files[path]!.startsWith(text), path);

  const second = await runCommand("add", { args: [project.root] });
  assert.equal(second.code, 0);
  assert.match(second.stdout, /nothing is to be written/);
  assert.deepEqual(filesOf(project.root), files);
});

Deno.test("--check says what would be written, and writes nothing", async () => {
  using project = clento();
  const { code, stdout } = await runCommand("add", { args: [project.root, "--check"] });
  assert.equal(code, 0);
  assert.ok(stdout.includes(`would be written:\n  ${MIGRATIONS} migrations`), stdout);
  assert.deepEqual(filesOf(project.root), Object.fromEntries(Object.entries(FILES).sort()));
});

Deno.test("what is in the way is told all at once, and nothing is written", async () => {
  using project = clento();
  const { root } = project;
  put(
    root,
    CONFIG,
    `[api]\nschemas = ["api", "clerk_sync"]\n[functions.clerk-webhook]\nverify_jwt = true\n`,
  );
  put(root, "supabase/functions/clerk-webhook/index.ts", "// theirs\n");
  put(root, "supabase/functions/_clerk_sync/mine.ts", "// theirs\n");
  const before = filesOf(root);
  const { code, stdout } = await runCommand("add", { args: [root] });
  assert.equal(code, 1);
  for (
    const said of [
      /in the way, so that nothing was written/,
      /functions\/clerk-webhook is there and isn't the sync's.*clerk-webhook\/index.ts/,
      /functions\/_clerk_sync is there and isn't the sync's.*_clerk_sync\/mine.ts/,
      /\[functions.clerk-webhook\] with other values .*: verify_jwt = false, import_map = ".*", entrypoint = ".*"/,
      /schemas has no "public"/,
      /schemas has "clerk_sync"/,
    ]
  ) assert.match(stdout, said);
  assert.deepEqual(filesOf(root), before);
});

const NO_PROJECT: [name: string, files: Record<string, string>, says: RegExp][] = [
  ["an empty folder", {}, /is no Supabase project: it has no supabase\/config.toml/],
  ["the supabase folder itself", { "config.toml": "" }, /is the supabase folder of a project/],
  ["a config.json", { "supabase/config.json": "{}" }, /has a supabase\/config.json/],
  ["a config.toml that is none", { [CONFIG]: "[api" }, /config.toml can't be read: Invalid TOML/],
  [
    "a manifest that names other files",
    {
      [CONFIG]: "",
      "supabase/clerk-sync.json":
        `{"version":"0.1.0","migrations":{},"blocks":{},"files":{"supabase/functions/_clerk_sync/../../x":"${
          "0".repeat(64)
        }"}}`,
    },
    /clerk-sync.json can't be read/,
  ],
];

for (const [name, files, says] of NO_PROJECT) {
  Deno.test(`${name} is refused with a sentence`, () => {
    using folder = clento(files);
    assert.throws(() => openProject(folder.root), { name: "UsageError", message: says });
  });
}

const CONFIGS: [name: string, toml: string, holds: string | RegExp][] = [
  ["comments and order stay", FILES[CONFIG]!, FILES[CONFIG]!],
  ["no line end at the end is no matter", "project_id = 'x'", "project_id = 'x'\n\n# What follows"],
  [
    "line ends stay those of Windows",
    "[api]\r\nport = 1\r\n",
    /^\[api\]\r\nport = 1\r\n\r\n#[^\n]*\r\n\[functions.clerk/,
  ],
  [
    "a section that says the same already is taken as it is",
    RELEASE.config.split("\n\n")[0] + "\n",
    /^(?!.*\[functions.clerk-webhook\].*\[functions.clerk-webhook\]).*\[functions.sync-from-clerk\]/s,
  ],
];

for (const [name, toml, holds] of CONFIGS) {
  Deno.test(`config.toml: ${name}`, () => {
    using project = clento({ [CONFIG]: toml });
    assert.deepEqual(add(project.root).obstacles, []);
    const text = openProject(project.root).read(CONFIG)!;
    if (typeof holds === "string") assert.ok(text.startsWith(holds), text);
    else assert.match(text, holds);
  });
}

Deno.test("config.toml: functions in one inline table stop it, for no section can be appended", () => {
  using project = clento({ [CONFIG]: `functions = { hello = { verify_jwt = false } }\n` });
  assert.match(add(project.root).obstacles.join(), /Declare each in a section of its own/);
});

Deno.test("of .env.example only the names are appended that it lacks", () => {
  using project = clento();
  add(project.root);
  const text = openProject(project.root).read(EXAMPLE)!;
  assert.ok(text.startsWith(FILES[EXAMPLE]!));
  assert.equal(text.match(/^LOG_LEVEL=/gm)?.length, 1);
  assert.match(text, /^CLERK_WEBHOOK_SECRET=/m);
});

const NAMES: [newest: string | undefined, first: string, second: string][] = [
  [undefined, "20261124000050_a.sql", "20261124009000_b.sql"],
  ["20250101000000_x.sql", "20261124000050_a.sql", "20261124009000_b.sql"],
  ["0001_x.sql", "20261124000050_a.sql", "20261124009000_b.sql"],
  ["20261124000050_x.sql", "20261124000051_a.sql", "20261124000052_b.sql"],
  ["20271231235959_x.sql", "20280101000000_a.sql", "20280101000001_b.sql"],
  ["20261124009000_x.sql", "20261124013001_a.sql", "20261124013002_b.sql"],
  ["2027_x.sql", "2028_a.sql", "2029_b.sql"],
];

for (const [newest, ...names] of NAMES) {
  Deno.test(`new migrations after ${newest ?? "none"} are ${names[0]} and ${names[1]}`, () => {
    assert.deepEqual(namesAfter(newest, ["20261124000050_a.sql", "20261124009000_b.sql"]), names);
    assert.ok(names.every((name) => name > (newest ?? "")));
  });
}

Deno.test("after a migration behind which nothing sorts none is named", () => {
  assert.throws(() => namesAfter("99999999999999_x.sql", ["20261124000050_a.sql"]), {
    name: "UsageError",
    message: "No migration can come after 99999999999999_x.sql: give it the time it was made at.",
  });
});

Deno.test("ended after any number of files, a second run goes on to the same end", () => {
  using whole = clento();
  put(whole.root, "supabase/migrations/20270101000000_later.sql", "select 1;\n");
  add(whole.root);
  const expected = filesOf(whole.root);
  const all = RELEASE.files.size + MIGRATIONS + 1;
  for (const count of [0, 1, 20, MIGRATIONS, MIGRATIONS + 1, MIGRATIONS + 40, all]) {
    using project = clento();
    put(project.root, "supabase/migrations/20270101000000_later.sql", "select 1;\n");
    const { writes } = planAdd(RELEASE, openProject(project.root), "public");
    apply(project.root, { writes: writes.slice(0, count), deletes: [] });
    const next = writes[count];
    if (next) put(project.root, `${next.path}.clerk-sync-new`, next.text.slice(0, 10));
    assert.deepEqual(add(project.root).obstacles, []);
    assert.deepEqual(filesOf(project.root), expected, `after ${count}`);
  }
});

Deno.test("migrations that were copied by hand are taken for those that they are", () => {
  using project = clento();
  for (const { file, text } of OLDER.migrations) {
    put(project.root, `supabase/migrations/${file}`, text);
  }
  const plan = add(project.root);
  const migrations = plan.writes.filter(({ path }) => path.startsWith("supabase/migrations/"));
  assert.deepEqual(migrations.map(({ path }) => path), [
    "supabase/migrations/20261124009000_version.sql",
  ]);
});

Deno.test("an upgrade adds migrations after the newest, follows files, and deletes what is no more", () => {
  using project = clento();
  const { root } = project;
  put(root, "supabase/migrations/20270101000000_theirs.sql", "select 1;\n");
  add(root, OLDER);
  put(root, "supabase/migrations/20280101000000_later.sql", "select 1;\n");
  const before = filesOf(root);
  const plan = add(root);
  assert.deepEqual([plan.obstacles, plan.conflicts, plan.kept], [[], [], []]);
  const files = filesOf(root);
  assert.equal(
    files["supabase/migrations/20280101000001_version.sql"],
    RELEASE.migrations.at(-1)!.text,
  );
  for (const [path, text] of Object.entries(before)) {
    if (path.startsWith("supabase/migrations/")) assert.equal(files[path], text, path);
  }
  for (const [path, text] of RELEASE.files) assert.equal(files[path], text, path);
  assert.ok(!Object.keys(files).some((path) => path.includes("/gone/")));
  assert.throws(() => Deno.statSync(join(root, "supabase/functions/_clerk_sync/gone")));
  assert.ok(!files[CONFIG]!.includes("# as it was"));
  assert.ok(files[CONFIG]!.startsWith(FILES[CONFIG]!));
  assert.match(files[EXAMPLE]!, /^SYNC_ALLOWED_ORIGINS=/m);
});

Deno.test("an upgrade leaves what they and we changed, names it, and ends with 1 until it is merged", async () => {
  using project = clento();
  const { root } = project;
  add(root, OLDER);
  const theirs = openProject(root).read(ENV) + "// theirs\n";
  put(root, ENV, theirs);
  put(root, HANDLER, "// theirs, and not changed by us\n");
  for (let time = 0; time < 2; time++) {
    const { code, stdout } = await runCommand("add", { args: [root] });
    assert.equal(code, 1);
    assert.match(
      stdout,
      /merge by hand, or delete the file .*:\n {2}supabase\/functions\/_clerk_sync\/env.ts/,
    );
    assert.match(stdout, /left as it is:\n {2}supabase\/functions\/clerk-webhook\/handler.ts/);
    assert.equal(openProject(root).read(ENV), theirs);
  }
  Deno.removeSync(join(root, ENV));
  const { code, stdout } = await runCommand("add", { args: [root] });
  assert.equal(code, 0, stdout);
  assert.equal(openProject(root).read(ENV), RELEASE.files.get(ENV));
});

Deno.test("an older version than the one that is there is refused", () => {
  using project = clento();
  add(project.root);
  const before = filesOf(project.root);
  assert.match(
    add(project.root, OLDER).obstacles.join(),
    /is of version .*, and this is 0.1.9: use that one/,
  );
  assert.deepEqual(filesOf(project.root), before);
});

Deno.test("a migration that was edited since it was added stops the upgrade, with the way out", () => {
  using project = clento();
  const [first, ...others] = OLDER.migrations;
  add(project.root, { ...OLDER, migrations: [{ ...first!, text: "select 1;\n" }, ...others] });
  assert.match(
    add(project.root).obstacles.join(),
    /not what version 0.1.9 added.*: 20261124000050_preflight.sql.*--remove/,
  );
});

Deno.test("links that lead out of the project are refused, and nothing is written there", () => {
  using project = clento();
  using elsewhere = clento({ "keep.txt": "" });
  const { root } = project;
  Deno.symlinkSync(elsewhere.root, join(root, "supabase/functions/sync-from-clerk"));
  Deno.renameSync(join(root, "supabase/migrations"), join(root, "supabase/mine"));
  Deno.symlinkSync(join(elsewhere.root, "nowhere"), join(root, "supabase/migrations"));
  const said = add(root).obstacles.join("\n");
  assert.match(said, /functions\/sync-from-clerk is a link that leads out of the project/);
  assert.match(said, /supabase\/migrations is a link that leads out of the project/);
  assert.deepEqual(filesOf(elsewhere.root), { "keep.txt": "" });
});

Deno.test({
  name: "new files are for everybody to read, and what is appended to keeps its mode",
  ignore: Deno.build.os === "windows",
  fn() {
    using project = clento();
    Deno.chmodSync(join(project.root, CONFIG), 0o666);
    add(project.root);
    const mode = (path: string) => Deno.statSync(join(project.root, path)).mode! & 0o777;
    assert.deepEqual([mode(CONFIG), mode(HANDLER)], [0o666, 0o644 & ~Deno.umask()]);
  },
});

Deno.test("--remove leaves their files as they were, the history of migrations, and files that they changed", async () => {
  using project = clento();
  const { root } = project;
  add(root);
  put(root, HANDLER, "// theirs\n");
  const { code, stdout } = await runCommand("add", { args: [root, "--remove"] });
  assert.equal(code, 0, stdout);
  assert.match(
    stdout,
    /changed by you, and left as it is:\n {2}supabase\/functions\/clerk-webhook\/handler.ts/,
  );
  const { [HANDLER]: handler, ...files } = filesOf(root);
  assert.equal(handler, "// theirs\n");
  const ours = RELEASE.migrations.map(({ file, text }) => [`supabase/migrations/${file}`, text]);
  const removal = "supabase/migrations/20261124013001_remove_clerk_sync.sql";
  assert.deepEqual(
    files,
    Object.fromEntries([...Object.entries(FILES), ...ours, [removal, files[removal]]].sort()),
  );

  const again = await runCommand("add", { args: [root, "--remove"] });
  assert.equal(again.code, 1);
  assert.match(again.stdout, /There is nothing to take out/);
});

Deno.test("a removal that was ended in the middle goes on, with one migration", () => {
  using project = clento();
  add(project.root);
  const { writes, deletes } = planRemove(openProject(project.root));
  apply(project.root, { writes, deletes: deletes.slice(0, 10) });
  const plan = planRemove(openProject(project.root));
  assert.deepEqual(plan.writes, []);
  apply(project.root, plan);
  const removals = Object.keys(filesOf(project.root)).filter((path) =>
    path.includes("_remove_clerk")
  );
  assert.equal(removals.length, 1);
});

Deno.test("the sync is not added to where it comes from", async () => {
  const { code, stderr } = await runCommand("add", { args: ["."] });
  assert.deepEqual([code, stderr], [
    2,
    "That is where the sync comes from: name the folder of your own project.\n",
  ]);
});

Deno.test("this version is read out of its folder wherever that is", () => {
  assert.ok(readRelease().files.has(HANDLER));
  assert.equal(readRelease().migrations[0]?.file, "20261124000050_preflight.sql");
});
