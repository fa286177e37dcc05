import postgres from "postgres";
import { Parser, type Result } from "tap-parser";
import { inSchema } from "../../scripts/add/schema.ts";
import { installPgtap } from "../../scripts/stack/pgtap.ts";
import { asSuperuser } from "../support/as_superuser.ts";
import { migratedDatabase } from "../support/migrated_database.ts";
import { GRANT_PG_CRON, PG_CRON } from "../support/pg_cron.ts";
import { stackEnv } from "../support/stack_env.ts";

/** The tables that the guide asks for, as it writes them. */
const GUIDE = await Deno.readTextFile(new URL("../support/guide_tables.sql", import.meta.url));

/** What the migrations find, and what they must make the same of; the schema that they are put in, where it is not `public`. */
const WORLDS: [name: string, before: string, schema?: string][] = [
  // As on a project that was made before 2026.
  [
    "with default grants and pg_cron",
    `${PG_CRON} ${GRANT_PG_CRON}
    set role postgres;
    alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
    alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
    alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;`,
  ],
  [
    "with pg_cron that is not granted, and functions that are not either",
    `${PG_CRON}
    set role postgres;
    alter default privileges revoke execute on functions from public;`,
  ],
  ["where the guide's tables were there", `set role postgres; ${GUIDE}`],
  [
    "in a schema of its own, beside a table users that is something else",
    `set role postgres; create table public.users (id text primary key); insert into public.users values ('theirs')`,
    "clerk",
  ],
];

/**
 * Runs each pgTAP file beside this one, as `supabase test db tests/database` does: a file is a test, an assertion a step.
 * The files roll back what they do.
 */
const files = [...Deno.readDirSync(import.meta.dirname!)]
  .map(({ name }) => name)
  .filter((name) => name.endsWith(".sql"))
  .sort();

for (const file of files) {
  Deno.test(`database: ${file}`, (t) => runFile(t, file, stackEnv().DB_URL));
}

for (const [name, before, schema = "public"] of WORLDS) {
  Deno.test(`database ${name}`, async (t) => {
    await using database = await migratedDatabase((sql) => sql.unsafe(before).simple(), schema);
    // pgTAP, and what the files make for themselves, may be called by every role again.
    await asSuperuser(
      database.superuserUrl,
      (sql) => sql`alter default privileges for role postgres grant execute on functions to public`,
    );
    for (const file of files) {
      await t.step(file, (step) => runFile(step, file, database.url, schema));
    }
  });
}

async function runFile(
  t: Deno.TestContext,
  file: string,
  dbUrl: string,
  schema = "public",
): Promise<void> {
  const text = await Deno.readTextFile(`${import.meta.dirname}/${file}`);
  const tap = await run(inSchema(text, schema), dbUrl);
  for (const result of tap.results) {
    await t.step({
      name: result.fullname || result.name || `skipped: ${result.skip}`,
      ignore: Boolean(result.skip),
      fn: () => {
        if (!result.ok) throw new Error(result.diagnostic || "not ok");
      },
    });
  }
  if (tap.problem) throw new Error(tap.problem);
}

interface Tap {
  results: (Result & { diagnostic: string })[];
  /** Why the file as a whole did not do what it planned; null when it did. */
  problem: string | null;
}

async function run(file: string, dbUrl: string): Promise<Tap> {
  const sql = postgres(dbUrl, { max: 1, onnotice: () => {} });
  try {
    await installPgtap(sql);
    const sets = await sql.unsafe(file).simple();
    return parse(linesOf(sets));
  } finally {
    await sql.end();
  }
}

/** pgTAP's functions return TAP as rows of one text column; the other statements return none. */
function linesOf(sets: unknown): string[] {
  return (sets as Record<string, unknown>[][])
    .flat()
    .flatMap((row) => Object.values(row))
    .filter((value) => typeof value === "string")
    .flatMap((text) => text.split("\n"));
}

function parse(lines: string[]): Tap {
  const results: Tap["results"] = [];
  let planned: number | null = null;
  const parser = new Parser();
  parser.on("plan", ({ end }) => planned = end);
  parser.on("assert", (result) => results.push(Object.assign(result, { diagnostic: "" })));
  parser.on("comment", (comment) => {
    const last = results.at(-1);
    if (last) last.diagnostic += comment;
  });
  parser.end(`${lines.join("\n")}\n`);
  const problem = planned === null
    ? "the file printed no plan"
    : planned === results.length
    ? null
    : `planned ${planned} assertions, ran ${results.length}`;
  return { results, problem };
}
