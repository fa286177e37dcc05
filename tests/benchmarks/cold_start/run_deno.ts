import { join } from "node:path";

const ROOT = join(import.meta.dirname!, "..", "..", "..");

/** What a command of Deno prints, in the project's folder. Rejects when it fails. */
export async function runDeno(args: string[], signal: AbortSignal): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, signal });
  const { success, stdout, stderr } = await command.output();
  signal.throwIfAborted();
  if (!success) throw new Error(`deno ${args.join(" ")}:\n${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
