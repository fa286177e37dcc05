import { createHash } from "node:crypto";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { functionsInSchema, inSchema } from "./schema.ts";

/** What one version of the sync puts into a project. Paths are below the project's folder, with `/`. */
export interface Release {
  version: string;
  /** In the order in which they are applied; `file` is its name as we ship it. */
  migrations: { file: string; text: string }[];
  /** The functions and what they share, by path. */
  files: Map<string, string>;
  /** The sections of supabase/config.toml, as text. */
  config: string;
  /** supabase/functions/.env.example. */
  environment: string;
}

/** The release with its tables, types and RPCs in another schema than `public`. */
export function releaseIn(schema: string, release: Release): Release {
  const files = [...release.files].map(([path, text]): [string, string] => [
    path,
    functionsInSchema(text, schema),
  ]);
  return {
    ...release,
    migrations: release.migrations.map(({ file, text }) => ({
      file,
      text: inSchema(text, schema),
    })),
    files: new Map(files),
  };
}

/** The folders that are ours, in supabase/functions. */
export const FOLDERS = ["_clerk_sync", "clerk-webhook", "sync-from-clerk"];

const ROOT = join(import.meta.dirname!, "..", "..");

/** Reads this version out of its own folder, wherever that is: a clone, or the package in somebody's node_modules. */
export function readRelease(root: string = ROOT, version: string = packageJson.version): Release {
  const read = (...path: string[]) => Deno.readTextFileSync(join(root, "supabase", ...path));
  const names = [...Deno.readDirSync(join(root, "supabase", "migrations"))].map(({ name }) => name);
  const paths = FOLDERS.flatMap((folder) => filesBelow(root, `supabase/functions/${folder}`));
  const sections = read("config.toml").match(/^\[functions\.[\w-]+\]\n(?:.+\n)+/gm) ?? [];
  return {
    version,
    migrations: names.filter((name) => name.endsWith(".sql")).sort()
      .map((file) => ({ file, text: read("migrations", file) })),
    files: new Map(paths.map((path) => [path, Deno.readTextFileSync(join(root, path))])),
    config: sections.join("\n"),
    environment: read("functions", ".env.example"),
  };
}

/** The files below a folder, by path. A folder that is not there has none; links are not followed. */
export function filesBelow(root: string, folder: string): string[] {
  try {
    return [...Deno.readDirSync(join(root, folder))].flatMap(({ name, isDirectory }) =>
      isDirectory ? filesBelow(root, `${folder}/${name}`) : [`${folder}/${name}`]
    ).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** SHA-256 of a text in hex, the same with the line ends that git gives it on Windows. */
export function checksum(text: string): string {
  return createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex");
}
