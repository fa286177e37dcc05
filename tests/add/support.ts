import { join } from "node:path";
import postgres, { type Sql } from "postgres";
import { apply } from "../../scripts/add/apply.ts";
import { type Plan, planAdd } from "../../scripts/add/plan.ts";
import { openProject } from "../../scripts/add/project.ts";
import { readRelease, type Release } from "../../scripts/add/release.ts";
import { prepareDatabase } from "../../scripts/stack/roles.ts";
import { type CliResult, runSupabase } from "../../scripts/stack/supabase_cli.ts";
import { asSuperuser } from "../support/as_superuser.ts";
import { stackEnv, superuserUrl } from "../support/stack_env.ts";

/** What this tree adds. */
export const RELEASE: Release = readRelease();

/** A release that there was before: an older version, without some files and without the last migration. */
export const OLDER: Release = {
  ...RELEASE,
  version: "0.1.9",
  migrations: RELEASE.migrations.slice(0, -1),
  files: new Map([
    ...[...RELEASE.files].filter(([path]) => !path.endsWith("/log.ts")).map(
      (
        [path, text],
      ): [string, string] => [path, path.endsWith("/env.ts") ? `${text}// old\n` : text],
    ),
    ["supabase/functions/_clerk_sync/gone/since.ts", "export {};\n"],
  ]),
  config: RELEASE.config.replace("enabled = true\n", "enabled = true\n# as it was\n"),
  environment: RELEASE.environment.replace(/^SYNC_ALLOWED_ORIGINS=\n/m, ""),
};

/** Adds a release, and says what came of it. */
export function add(root: string, release: Release = RELEASE): Plan {
  const plan = planAdd(release, openProject(root), "public");
  if (plan.obstacles.length === 0) apply(root, plan);
  return plan;
}

/** What `supabase db push` does: applies the project's pending migrations. */
export function push(root: string, dbUrl: string): Promise<CliResult> {
  return runSupabase(dbUrl, ["migration", "up", "--yes", `--workdir=${root}`]);
}

/** A database of its own with a hosted project's roles, as the owner of migrations; it goes when it is disposed of. */
export interface OwnDatabase extends AsyncDisposable {
  url: string;
  sql: Sql;
  asSuperuser(run: (sql: Sql) => PromiseLike<unknown>): Promise<void>;
}

/** Makes one without tables. */
export async function ownDatabase(): Promise<OwnDatabase> {
  const name = `add_${crypto.randomUUID().replaceAll("-", "")}`;
  await asSuperuser(superuserUrl(), (sql) => sql`create database ${sql(name)}`);
  await asSuperuser(superuserUrl(name), prepareDatabase);
  const url = new URL(stackEnv().DB_URL);
  url.pathname = name;
  // Plans would outlive the types that change.
  const sql = postgres(url.href, {
    max: 1,
    prepare: false,
    connection: { synchronous_commit: "off" },
    onnotice: () => {},
  });
  return {
    url: url.href,
    sql,
    asSuperuser: (run) => asSuperuser(superuserUrl(name), run),
    async [Symbol.asyncDispose]() {
      await sql.end();
      await asSuperuser(superuserUrl(), (sql) => sql`drop database ${sql(name)} with (force)`);
    },
  };
}

/** Lets a project be served with this repository's packages. */
export function lendPackages(root: string): void {
  const repository = join(import.meta.dirname!, "..", "..");
  Deno.symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  Deno.copyFileSync(join(repository, "deno.json"), join(root, "deno.json"));
  Deno.copyFileSync(join(repository, "package.json"), join(root, "package.json"));
}
