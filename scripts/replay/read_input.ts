import { UsageError } from "../command/usage_error.ts";

/** More than this is not read. */
export const INPUT_LIMIT_BYTES = 64 * 1024 * 1024;

/** The text of a file, or of standard input for `-`; throws a UsageError. */
export async function readInput(path: string): Promise<string> {
  try {
    const stream = path === "-" ? Deno.stdin.readable : (await Deno.open(path)).readable;
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    for await (const chunk of stream) {
      size += chunk.byteLength;
      if (size > INPUT_LIMIT_BYTES) throw new Error("it is over 64 MB");
      chunks.push(chunk);
    }
    const bytes = await new Blob(chunks).arrayBuffer();
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (error) {
    throw new UsageError(`--file cannot be read: ${(error as Error).message}`);
  }
}
