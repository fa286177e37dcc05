import { rmSync } from "node:fs";

/** Writes a file that only its owner can read, whole or not at all, and never where a symbolic link leads. */
export function writeSecretFile(file: string, text: string): void {
  const part = `${file}.part`;
  rmSync(part, { force: true });
  // What is there already is never opened: a link would be followed.
  Deno.writeTextFileSync(part, text, { mode: 0o600, createNew: true });
  Deno.renameSync(part, file);
}
