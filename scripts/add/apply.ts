import { dirname, join } from "node:path";
import { HALF, type Plan } from "./plan.ts";
import { MANIFEST } from "./project.ts";

/**
 * Does what a plan says. A file is written beside its place and put there whole; what was there keeps its permissions.
 * Folders of ours that are left empty go too.
 */
export function apply(root: string, { writes, deletes }: Pick<Plan, "writes" | "deletes">): void {
  // Whatever ends this in the middle: the manifest says what there is until all else is done.
  const isManifest = ({ path }: { path: string }) => path === MANIFEST;
  for (const { path, text } of writes.filter((each) => !isManifest(each))) {
    write(join(root, path), text);
  }
  for (const path of deletes) remove(root, path);
  for (const { path, text } of writes.filter(isManifest)) write(join(root, path), text);
}

function write(file: string, text: string): void {
  Deno.mkdirSync(dirname(file), { recursive: true });
  const half = file + HALF;
  const mode = modeOf(file) ?? 0o644;
  Deno.writeTextFileSync(half, text, { mode });
  // A mode is given to a new file alone, and less the umask.
  if (Deno.build.os !== "windows" && modeOf(file) !== null) Deno.chmodSync(half, mode);
  Deno.renameSync(half, file);
}

function modeOf(file: string): number | null {
  try {
    return (Deno.statSync(file).mode ?? 0o644) & 0o777;
  } catch {
    return null;
  }
}

function remove(root: string, path: string): void {
  try {
    Deno.removeSync(join(root, path));
    for (let folder = dirname(path); folder !== "supabase/functions"; folder = dirname(folder)) {
      if (!path.startsWith("supabase/functions/")) return;
      Deno.removeSync(join(root, folder));
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    // A folder that holds something of theirs stays.
    if (!isNotEmpty(error)) throw error;
  }
}

function isNotEmpty(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOTEMPTY";
}
