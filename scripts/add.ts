import { dirname, join, resolve } from "node:path";
import { apply } from "./add/apply.ts";
import { type Answer, blockIn, readDatabase } from "./add/database.ts";
import { databaseUrl } from "./add/database_url.ts";
import { planAdd } from "./add/plan.ts";
import { openProject, type Project } from "./add/project.ts";
import { readRelease, type Release, releaseIn } from "./add/release.ts";
import { planRemove, removalOf } from "./add/remove.ts";
import { obstaclesOf, reportOf } from "./add/report.ts";
import { parseSchema } from "./add/schema.ts";
import { defineCommand } from "./command/command.ts";
import { readStackFile } from "./command/env_file.ts";
import { UsageError } from "./command/usage_error.ts";

const ROOT = dirname(import.meta.dirname!);

export default defineCommand({
  name: "add",
  group: "start",
  summary: "puts the sync into a Supabase project of yours, or a newer version",
  description:
    `Puts migrations, functions, their sections of config.toml and names of .env.example into a
Supabase project. Nothing of yours is written over: what is in the way is told, all at once.
Run again it is the upgrade: files that are as it left them follow, changed ones are named.`,
  examples: [
    ["../my-app", "the folder that has supabase/config.toml"],
    ["../my-app --check --db-url postgresql://…", "what would be done, and what the tables say"],
    ["../my-app --remove", "takes it out again; tables stay"],
  ],
  options: (command) =>
    command.argument("[project]", "the project's folder")
      .option("--check", "writes nothing", false)
      .option("--schema <name>", "where tables and RPCs are to be (public)", parseSchema)
      .option("--url <url>", "asks this project's database too, with SUPABASE_DB_PASSWORD")
      .option("--db-url <url>", "the same of a database; its password may be in PGPASSWORD")
      .option("--remove", "takes it out: tables and rows stay", false),
  notes: `A database is read and never written, as the owner of the migrations, which is postgres on
Supabase. A password is better in the environment: others on the machine can read a command line.

Exit code: 0 nothing is in the way, 1 something is, or a file is left to be merged, 2 wrong usage
or it could not be told.`,
  async run({ check: isCheck, remove: isRemoval, ...options }, { args: [folder] }) {
    if (!folder) throw new UsageError("Name the project's folder: npm run add -- ../my-app");
    const path = resolve(calledFrom(), folder);
    const project = openProject(path);
    if (project.root === Deno.realPathSync(ROOT)) {
      throw new UsageError(
        "That is where the sync comes from: name the folder of your own project.",
      );
    }
    const schema = schemaOf(project, options.schema);
    const release = releaseIn(schema, readRelease());
    const plan = isRemoval ? planRemove(project) : planAdd(release, project, schema);
    const dbUrl = options.dbUrl ?? (options.url && await databaseOf(options.url, project));
    const answer = dbUrl ? await ask(dbUrl, project, isRemoval ? null : release) : null;
    const obstacles = obstaclesOf({ plan, answer });
    if (obstacles.length === 0 && !isCheck) apply(project.root, plan);
    const { version } = release;
    console.log(reportOf({ folder, project, version, plan, answer, isRemoval, isCheck }));
    return obstacles.length + plan.conflicts.length > 0 ? 1 : 0;
  },
});

/** The schema that was asked for at first: it stays. */
function schemaOf({ manifest }: Project, asked: string | undefined): string {
  const schema = manifest?.schema ?? asked ?? "public";
  if (asked && asked !== schema) {
    throw new UsageError(
      `The project has the sync in ${schema}, and tables don't move: leave --schema out.`,
    );
  }
  return schema;
}

/** What a database says of a release beforehand, or of the removal, where there is none. */
async function ask(dbUrl: string, project: Project, release: Release | null): Promise<Answer> {
  await using database = readDatabase(dbUrl);
  if (!release) return await database.ask(blockIn(removalOf(project), "check"));
  const version = project.manifest && await database.version();
  if (version) return { obstacle: null, notices: [`The database has version ${version}.`] };
  const preflight = release.migrations.find(({ file }) => file.endsWith("_preflight.sql"));
  return await database.ask(blockIn(preflight!.text, "preflight"));
}

async function databaseOf(url: string, { read }: Project): Promise<string> {
  const { values: stack } = await readStackFile();
  const password = Deno.env.get("SUPABASE_DB_PASSWORD");
  return databaseUrl(url, { stack, pooler: read("supabase/.temp/pooler-url"), password });
}

/** Where the command was typed: npm runs the scripts of a package in its own folder. */
function calledFrom(): string {
  const { npm_package_json, INIT_CWD } = Deno.env.toObject();
  const isOurs = npm_package_json === join(ROOT, "package.json");
  return isOurs && INIT_CWD ? INIT_CWD : Deno.cwd();
}
