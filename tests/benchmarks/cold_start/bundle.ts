import { join } from "node:path";
import { runDeno } from "./run_deno.ts";

/**
 * All code that a program can reach, in one minified file without what is left out: bytes. `deno bundle` takes esbuild from
 * npm the first time.
 */
export async function bundle(
  entrypoint: string,
  leftOut: string[],
  signal: AbortSignal,
): Promise<Uint8Array> {
  const dir = await Deno.makeTempDir({ prefix: "bundle-" });
  try {
    const output = join(dir, "bundle.js");
    const external = leftOut.map((specifier) => `--external=${specifier}`);
    await runDeno(
      ["bundle", "--quiet", "--minify", ...external, `--output=${output}`, entrypoint],
      signal,
    );
    return await Deno.readFile(output);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
