import { dirname, join, relative, resolve, sep } from "node:path";
import { parse } from "smol-toml";
import * as z from "zod";
import { UsageError } from "../command/usage_error.ts";
import { FOLDERS } from "./release.ts";

/** What was put into a project, as `supabase/clerk-sync.json` keeps it for the next version. */
export type Manifest = z.infer<typeof manifestShape>;

/** Where it is kept. */
export const MANIFEST = "supabase/clerk-sync.json";
export const CONFIG = "supabase/config.toml";
export const EXAMPLE = "supabase/functions/.env.example";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Files are deleted by these names: they lead nowhere else. */
const ownFile = z.string().regex(
  new RegExp(`^supabase/functions/(${FOLDERS.join("|")})(/(?![.]{1,2}(/|$))[^/\\\\]+)+$`),
);
const migrationFile = z.string().regex(/^\d+_[\w.-]+\.sql$/);
const manifestShape = z.object({
  version: z.string().regex(/^\d+\.\d+\.\d+(-[\w.]+)?$/),
  /** Where the tables, types and RPCs are. */
  schema: z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/),
  /** By our name: theirs, and the checksum of the text. */
  migrations: z.record(migrationFile, z.object({ file: migrationFile, sha256 })),
  /** Checksums by path. */
  files: z.record(ownFile, sha256),
  /** Checksums of what was appended to a file, by path. */
  blocks: z.partialRecord(z.enum([CONFIG, EXAMPLE]), sha256),
});

/** A Supabase project of the user's. */
export interface Project {
  /** Its folder, without links. */
  root: string;
  /** supabase/config.toml, read. */
  config: Record<string, unknown>;
  /** Null where nothing of ours was added. */
  manifest: Manifest | null;
  /** Names of its migrations, in the order in which the CLI applies them. */
  migrations: string[];
  /** A file's text; null where there is none. */
  read(path: string): string | null;
}

/** Opens the project in a folder; throws a UsageError that says why it is none. */
export function openProject(folder: string): Project {
  const root = realPath(resolve(folder));
  if (root === null) throw new UsageError(`${folder} is not there.`);
  const read = (path: string) => {
    try {
      return Deno.readTextFileSync(join(root, path));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw new UsageError(`${join(folder, path)} can't be read: ${(error as Error).message}`);
    }
  };
  const toml = read(CONFIG);
  if (toml === null) {
    const json = ["supabase/config.json", "supabase/config.jsonc"].find((path) => read(path));
    throw new UsageError(
      json
        ? `${folder} has a ${json}, and ${CONFIG} is what can be added to.`
        : read("config.toml") === null
        ? `${folder} is no Supabase project: it has no ${CONFIG}. npx supabase init makes one there.`
        : `${folder} is the supabase folder of a project: name the one that holds it.`,
    );
  }
  return {
    root,
    config: parsed(() => parse(toml), join(folder, CONFIG)),
    manifest: readManifest(read(MANIFEST), join(folder, MANIFEST)),
    migrations: migrationsIn(join(root, "supabase", "migrations")),
    read,
  };
}

function readManifest(text: string | null, path: string): Manifest | null {
  if (text === null) return null;
  return parsed(() => manifestShape.parse(JSON.parse(text)), path);
}

function parsed<Value>(parse: () => Value, path: string): Value {
  try {
    return parse();
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new UsageError(`${path} can't be read: ${why}`);
  }
}

function migrationsIn(folder: string): string[] {
  if (realPath(folder) === null) return [];
  return [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => /^\d+_.*\.sql$/.test(name)).sort();
}

/** Why a file may not be written: a link, or one on the way to it, leads out of the project. Null: it may. */
export function leadsOut(root: string, path: string): string | null {
  const file = join(root, path);
  if (isLink(file)) return `${path} is a link, which would be replaced by a file.`;
  for (let folder = dirname(file);; folder = dirname(folder)) {
    const real = realPath(folder);
    if (real === null && !isLink(folder)) continue;
    if (real === root || real?.startsWith(root + sep)) return null;
    return `${relative(root, folder)} is a link that leads out of the project.`;
  }
}

function isLink(file: string): boolean {
  try {
    return Deno.lstatSync(file).isSymlink;
  } catch {
    return false;
  }
}

function realPath(path: string): string | null {
  try {
    return Deno.realPathSync(path);
  } catch {
    return null;
  }
}
