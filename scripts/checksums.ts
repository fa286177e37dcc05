/**
 * The checksums of the migrations: an edit of one is a decision. Called by itself it renews the list:
 * `node scripts/deno.mjs run -A scripts/checksums.ts`
 */
import { join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { checksum, readRelease } from "./add/release.ts";

const LIST = join(import.meta.dirname!, "..", "supabase", "migrations.sha256");

/** Lines as `sha256sum` writes them in supabase/. */
export type Checksums = string[];

/** Those of the migrations as they are. */
export function currentChecksums(): Checksums {
  return readRelease().migrations.map(({ file, text }) => `${checksum(text)}  migrations/${file}`);
}

/** Those that were committed. */
export function keptChecksums(): Checksums {
  return Deno.readTextFileSync(LIST).trimEnd().split("\n");
}

/** What is wrong with a list, in a sentence; null: nothing. Since 1.0.0 what was released is never edited. */
export function whatIsWrong(kept: Checksums, current: Checksums, version: string): string | null {
  const edited = kept.filter((line) => !current.includes(line)).map(fileIn);
  if (edited.length > 0 && !version.startsWith("0.")) {
    return `Migrations that were released are not edited any more, but added to: ${
      edited.join(", ")
    }.`;
  }
  const fresh = current.filter((line) => !kept.includes(line)).map(fileIn);
  const other = [...new Set([...edited, ...fresh])].sort();
  if (other.length === 0) return null;
  return `supabase/migrations.sha256 has other checksums of ${
    other.join(", ")
  }. If that is meant: ` +
    "node scripts/deno.mjs run -A scripts/checksums.ts";
}

function fileIn(line: string): string {
  return line.split("/").at(-1)!;
}

if (import.meta.main) {
  const current = currentChecksums();
  const wrong = whatIsWrong(keptChecksums(), current, packageJson.version);
  if (wrong?.startsWith("Migrations")) {
    console.error(wrong);
    Deno.exit(1);
  }
  Deno.writeTextFileSync(LIST, current.join("\n") + "\n");
}
