/** What the pages name is there, and what they quote is so. */
import assert from "node:assert/strict";
import postgres from "postgres";
import packageJson from "../../package.json" with { type: "json" };
import { runCommand } from "../support/run_command.ts";
import { stackEnv } from "../support/stack_env.ts";
import {
  codeIn,
  exists,
  linksIn,
  readPage,
  readPages,
  readText,
  sectionOf,
  sizeOf,
} from "./pages.ts";

const PAGES = readPages();
const README = readPage("README.md");
const REFERENCE = readPage("supabase/README.md");

type Name = keyof typeof packageJson.scripts;

/** What the guide calls by npm, which is no command of this project. */
const OF_THE_GUIDE = ["dev"];

Deno.test("every link leads to a file of the project, and to a heading where it names one", () => {
  const broken = PAGES.flatMap(({ path, prose }) =>
    linksIn(prose, path).filter(({ path: target, anchor }) =>
      !exists(target) || anchor && !readPage(target).anchors.has(anchor)
    ).map(({ path: target, anchor }) => `${path}: ${target}#${anchor}`)
  );
  assert.deepEqual(broken, []);
});

Deno.test("every page is at most two links from the README", () => {
  const near = new Set(["README.md"]);
  for (const _ of [1, 2]) {
    for (const { path, prose } of PAGES.filter(({ path }) => near.has(path))) {
      linksIn(prose, path).forEach((link) => near.add(link.path));
    }
  }
  assert.deepEqual(PAGES.map(({ path }) => path).filter((path) => !near.has(path)), []);
});

Deno.test("the README has 250 lines at most", () => {
  assert.ok(README.text.split("\n").length <= 250);
});

Deno.test("the status page is pictured in the README and with the commands, light and dark, in 80 kB each at most", () => {
  for (const page of [README, readPage("scripts/README.md")]) {
    const pictures = linksIn(page.prose, page.path).map(({ path }) => path)
      .filter((path) => path.endsWith(".png"));
    assert.match(pictures.sort().join(" "), /^\.github\/(\S+)-dark\.png \.github\/\1-light\.png$/);
    for (const picture of pictures) assert.ok(sizeOf(picture) <= 80_000, picture);
  }
});

Deno.test("no sentence is on two pages, or twice on one", () => {
  // The table of benchmarks is written by a program, in rows that begin alike.
  const written = /<!-- npm run bench -- --save writes from here -->.*?<!-- to here -->/s;
  const sentences = PAGES.flatMap(({ prose }) =>
    prose.replace(written, "").replaceAll(/\s+/g, " ").split(/(?<=[.:;|]) /)
  )
    .filter((sentence) => sentence.length > 50);
  const twice = sentences.filter((sentence, index) => sentences.indexOf(sentence) !== index);
  assert.deepEqual(twice, []);
});

Deno.test("every command that is named exists", () => {
  const lacking = PAGES.flatMap(({ path, text }) =>
    [...text.matchAll(/\b(?:npm run (?:--silent )?|npx clerk-sync )([a-z][a-z:-]*)/g)]
      .map(([, name]) => name!)
      .filter((name) => !(name in packageJson.scripts || OF_THE_GUIDE.includes(name)))
      .map((name) => `${path}: ${name}`)
  );
  assert.deepEqual(lacking, []);
});

Deno.test("every command is in the table of scripts/README.md", () => {
  const { prose } = readPage("scripts/README.md");
  const called = (name: string) => ["start", "test"].includes(name) ? name : `run ${name}`;
  const names = Object.keys(packageJson.scripts);
  assert.deepEqual(names.filter((name) => !prose.includes(`\n| \`npm ${called(name)}\` |`)), []);
});

for (const [name, options] of optionsNamed()) {
  Deno.test(`npm run ${name} takes the options that the pages name: ${[...options].join(" ")}`, async () => {
    const { stdout } = await runCommand(name as Name, { args: ["--help"] });
    const known: string[] = stdout.match(/--[a-z][a-z-]*/g) ?? [];
    assert.deepEqual([...options].filter((option) => !known.includes(option)), []);
  });
}

Deno.test("the migrations that npm start applies in the README are as many as there are", () => {
  const migrations = [...Deno.readDirSync(new URL("../../supabase/migrations", import.meta.url))];
  const [, count] = /migrations +[\d.]+ s +(\d+) applied/.exec(README.text) ?? [];
  assert.equal(Number(count), migrations.length);
});

Deno.test("what the doctor prints in scripts/README.md of schema and rights is what it says of this stack", async () => {
  const { API_URL, SECRET_KEY, PUBLISHABLE_KEY, CLERK_WEBHOOK_SECRET } = stackEnv();
  const { stdout } = await runCommand("doctor", {
    args: ["--json"],
    env: {
      SUPABASE_URL: API_URL,
      SUPABASE_SECRET_KEY: SECRET_KEY,
      SUPABASE_PUBLISHABLE_KEY: PUBLISHABLE_KEY,
      CLERK_WEBHOOK_SECRET,
    },
  });
  const words = (text: string) => text.replaceAll(/\s+/g, " ");
  const quoted = words(sectionOf(readPage("scripts/README.md"), "doctor"));
  const ids = [
    "version",
    "migrations",
    "rpcs",
    "rpcs-answer",
    "schema",
    "row-level-security",
    "anonymous",
  ];
  const said = (JSON.parse(stdout).checks as Record<"id" | "title" | "detail", string>[])
    .filter(({ id }) => ids.includes(id)).map(({ title, detail }) => words(`${title} ${detail}`));
  assert.equal(said.length, ids.length);
  assert.deepEqual(said.filter((line) => !quoted.includes(line)), []);
});

Deno.test("every function that an API role may call is in the reference", async () => {
  const sql = postgres(stackEnv().DB_URL, { max: 1, onnotice: () => {} });
  const functions = await sql<{ name: string }[]>`
    select distinct p.proname as name from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace
      and (has_function_privilege('service_role', p.oid, 'execute')
        or has_function_privilege('authenticated', p.oid, 'execute'))
      and not exists (
        select from pg_catalog.pg_depend d where d.objid = p.oid and d.deptype = 'e'
      )
    order by name`;
  await sql.end();
  assert.ok(functions.length > 40);
  const reference = REFERENCE.text + readPage("supabase/docs/your-app.md").text;
  const lacking = functions.filter(({ name }) => !new RegExp(`\`${name}\\b`).test(reference));
  assert.deepEqual(lacking, []);
});

Deno.test("every variable of .env.example is in the reference", () => {
  const names = readText("supabase/functions/.env.example").match(/^[A-Z_]+(?==)/gm) ?? [];
  assert.ok(names.length > 5);
  assert.deepEqual(names.filter((name) => !REFERENCE.text.includes(`| \`${name}\` |`)), []);
});

Deno.test("a stranger's walk: from a removed member in the README to the rule, its SQL and its test", () => {
  const [line = ""] = README.prose.split("\n").filter((line) => /removed member/.test(line));
  const [rule] = linksIn(line, README.path);
  const section = sectionOf(readPage(rule!.path), rule!.anchor);
  assert.match(section, /who was removed stays out/);
  const paths = linksIn(section, rule!.path).map(({ path }) => path);
  assert.ok(paths.some((path) => /^supabase\/migrations\/\d+_remove_member\.sql$/.test(path)));
  assert.ok(paths.some((path) => /^tests\/database\/rule_3_\w+\.sql$/.test(path)));
});

Deno.test("each of the nine rules has its SQL, and the test of its number", () => {
  const rules = [...REFERENCE.anchors].filter((anchor) => /^\d-/.test(anchor));
  assert.equal(rules.length, 9);
  for (const rule of rules) {
    const paths = linksIn(sectionOf(REFERENCE, rule), REFERENCE.path).map(({ path }) => path);
    assert.ok(paths.some((path) => path.startsWith("supabase/migrations/")), rule);
    const test = `tests/database/rule_${rule.replace("-", "_")}.sql`;
    assert.ok(paths.includes(test), test);
  }
});

const EXAMPLES = {
  "what-the-token-says": "token_claims",
  "a-table-of-your-own": "own_table",
  "a-profiles-table": "profiles_recipe",
};

for (const [anchor, file] of Object.entries(EXAMPLES)) {
  Deno.test(`the SQL of #${anchor} is what pgTAP tests`, () => {
    const section = sectionOf(readPage("supabase/docs/your-app.md"), anchor);
    const [example = ""] = codeIn(section, "sql");
    assert.ok(example.includes("create policy"));
    assert.ok(readText(`tests/database/${file}.sql`).includes(example));
  });
}

Deno.test("the tutorial, typed line by line, shows what it says", async () => {
  const tutorial = readPage("supabase/docs/tutorial.md");
  const [typed] = tutorial.text.split("## Clerk's own deliveries");
  const [members = ""] = codeIn(typed!, "json");
  const dir = await Deno.makeTempDir();
  const env = Object.entries(stackEnv()).map(([name, value]) => `${name}='${value}'\n`).join("");
  await Deno.writeTextFile(`${dir}/env`, env);
  const lines = codeIn(typed!, "sh").join("").replaceAll(".stack/env", `${dir}/env`)
    .replaceAll(/npm run (?:--silent )?(\w+) -- /g, `npm run --silent $1 -- --data-dir ${dir} `);
  const { success, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-euo", "pipefail", "-c", lines],
  }).output();
  await Deno.remove(dir, { recursive: true });
  const output = new TextDecoder().decode(stdout);
  assert.ok(success, new TextDecoder().decode(stderr));
  const rows = output.split("\n").filter((line) => line.startsWith("["));
  assert.deepEqual(membersIn(rows[0]!), membersIn(members));
  assert.deepEqual(rows.slice(1), ["[]", "[]", '[{"name":"My Organization"}]']);
  const outcomes = [...output.matchAll(/ 200 +(\w+) +[\d,]+ ms /g)].map(([, outcome]) => outcome);
  assert.deepEqual(outcomes, ["applied", "applied", "applied", "applied", "stale", "applied"]);
});

/** The members of an answer of one organization, which come in any order. */
function membersIn(json: string): string[] {
  const [{ organization_members }] = JSON.parse(json);
  return organization_members.map((member: object) => JSON.stringify(member)).sort();
}

/** The options that the pages give to each command. */
function optionsNamed(): Map<string, Set<string>> {
  const named = new Map<string, Set<string>>();
  for (const { text } of PAGES) {
    const calls = text.replaceAll("\\\n", " ")
      .matchAll(/\bnpm (?:run (?:--silent )?)?([a-z:]+) -- ([^`|#>&\n]*)/g);
    for (const [, name = "", args = ""] of calls) {
      if (!(name in packageJson.scripts)) continue;
      const options = named.get(name) ?? new Set();
      for (const [option] of args.matchAll(/(?<=^|\s)--[a-z][a-z-]*/g)) options.add(option);
      if (options.size > 0) named.set(name, options);
    }
  }
  return named;
}
