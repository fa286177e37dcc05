import { Buffer } from "node:buffer";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** The SQL of an extension, as `create extension` would run it, out of its package for PGlite. */
export async function readInstallScript(extension: "pgtap" | "pgmq"): Promise<string> {
  const modules = join(import.meta.dirname!, "..", "..", "node_modules");
  const folder = join(modules, "@electric-sql", `pglite-${extension}`, "dist");
  const file = join(folder, `${extension}.tar.gz`);
  // That of one version, and not those that upgrade from one to the next.
  const script = new RegExp(`/${extension}--\\d+\\.\\d+\\.\\d+\\.sql$`);
  for (const { path, content } of filesOf(gunzipSync(await Deno.readFile(file)))) {
    if (script.test(path)) return content.toString();
  }
  throw new Error(`there is no install script of ${extension} in ${file}`);
}

const BLOCK = 512;

/**
 * The files of a tar archive, by the fields that every form of it has: the name, and the size in octal digits.
 * https://www.gnu.org/software/tar/manual/html_node/Standard.html
 */
function* filesOf(archive: Buffer): Iterable<{ path: string; content: Buffer }> {
  for (let at = 0; at < archive.length;) {
    const text = (from: number, to: number) =>
      archive.toString("latin1", at + from, at + to).split("\0")[0]!;
    const begin = at + BLOCK;
    const size = parseInt(text(124, 136), 8) || 0;
    yield { path: text(0, 100), content: archive.subarray(begin, begin + size) };
    at = begin + Math.ceil(size / BLOCK) * BLOCK;
  }
}
