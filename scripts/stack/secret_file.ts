/** Writes a file that only its owner can read, whole or not at all. */
export function writeSecretFile(file: string, text: string): void {
  const part = `${file}.part`;
  Deno.writeTextFileSync(part, text, { mode: 0o600 });
  Deno.renameSync(part, file);
}
