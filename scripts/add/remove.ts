import { findBlock } from "./block.ts";
import { MIGRATION_OF_REMOVAL, namesAfter } from "./names.ts";
import type { Plan } from "./plan.ts";
import { CONFIG, EXAMPLE, leadsOut, MANIFEST, type Project } from "./project.ts";
import { checksum } from "./release.ts";
import { inSchema } from "./schema.ts";

/** The migration that takes out what those of a project made. */
const TEMPLATE = new URL("remove.sql", import.meta.url);

/**
 * Takes the sync out of a project: a migration drops what those before it made. They stay, for they are in the history of
 * every database that they were applied to.
 */
export function planRemove(project: Project): Plan {
  const plan: Plan = { obstacles: [], writes: [], deletes: [], conflicts: [], kept: [] };
  const { manifest } = project;
  if (!manifest) {
    plan.obstacles.push(`There is nothing to take out: the project has no ${MANIFEST}.`);
    return plan;
  }
  const migrations = migrationsOf(project);
  if (!project.migrations.some((name) => isRemovalOf(name, migrations))) {
    const [file = ""] = namesAfter(project.migrations.at(-1), [`0${MIGRATION_OF_REMOVAL}`]);
    plan.writes.push({ path: `supabase/migrations/${file}`, text: removalOf(project) });
  }
  for (const [path, sha256] of Object.entries(manifest.files)) {
    const text = project.read(path);
    if (text === null) continue;
    (checksum(text) === sha256 ? plan.deletes : plan.kept).push(path);
  }
  for (const path of [CONFIG, EXAMPLE] as const) {
    const text = project.read(path);
    if (text === null || !manifest.blocks[path]) continue;
    const { rest, block } = findBlock(text, manifest.blocks[path]);
    if (block === null) plan.kept.push(path);
    else if (rest === "") plan.deletes.push(path);
    else plan.writes.push({ path, text: rest });
  }
  plan.deletes.push(MANIFEST);
  const paths = [...plan.writes.map(({ path }) => path), ...plan.deletes];
  plan.obstacles.push(...new Set(paths.flatMap((path) => leadsOut(project.root, path) ?? [])));
  return plan;
}

/** Left by a run that was ended before the manifest was gone. */
function isRemovalOf(name: string, migrations: string[]): boolean {
  return name.endsWith(MIGRATION_OF_REMOVAL) && migrations.every((file) => file < name);
}

function migrationsOf({ manifest, migrations }: Project): string[] {
  const ours = Object.values(manifest?.migrations ?? {}).map(({ file }) => file);
  return ours.filter((file) => migrations.includes(file));
}

/** The migration that drops what ours in a project made. */
export function removalOf(project: Project): string {
  const sql = migrationsOf(project).map((file) => project.read(`supabase/migrations/${file}`))
    .join("\n");
  const names = (statement: RegExp) => [...sql.matchAll(statement)].map(([, name]) => name!);
  const schema = project.manifest?.schema ?? "public";
  const pattern = (text: string) => new RegExp(text.replaceAll("public", schema), "gm");
  const hung = [
    ...sql.matchAll(pattern(`^create (policy|trigger) ("[^"]+"|\\w+)[^;]*? on (public\\.\\w+)`)),
  ];
  const parts: Record<string, string> = {
    functions: arrayOf(names(pattern("^create (?:or replace )?function public\\.(\\w+)"))),
    own: arrayOf(hung.map(([, , name, table]) => `${name} on ${table}`)),
    types: arrayOf(names(pattern("^create type public\\.(\\w+)"))),
    tables: arrayOf(names(/^select clerk_sync\.take_over\('clerk_sync\.(\w+)'/gm)),
    drops: hung.map(([, kind, name, table]) => `drop ${kind} if exists ${name} on ${table};`)
      .join("\n"),
  };
  return inSchema(Deno.readTextFileSync(TEMPLATE), schema)
    .replaceAll(/(?<!:):(functions|own|types|tables|drops)/g, (_, part) => parts[part]!);
}

/** As SQL. */
function arrayOf(values: string[]): string {
  const quoted = [...new Set(values)].map((value) => `\n    '${value.replaceAll("'", "''")}'`);
  return `array[${quoted.join(",")}\n  ]`;
}
