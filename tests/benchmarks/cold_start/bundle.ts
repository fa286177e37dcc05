import { join } from "node:path";
import { build, stop } from "esbuild";

const ROOT = join(import.meta.dirname!, "..", "..", "..");

/**
 * All code that a program can reach, in one minified file without what is left out: bytes. What `deno bundle` does, with the
 * esbuild of package-lock.json: that one fetches its own from the registry.
 */
export async function bundle(
  entrypoint: string,
  leftOut: string[],
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { outputFiles: [file] } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entrypoint],
    external: ["node:*", ...leftOut],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "neutral",
    conditions: ["deno", "node", "import"],
    mainFields: ["module", "main"],
    logLevel: "silent",
  });
  // Its process would outlive the measurement.
  await stop();
  signal.throwIfAborted();
  return file!.contents;
}
