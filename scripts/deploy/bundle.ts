import { join } from "node:path";
import { build, stop } from "esbuild";

const REPOSITORY = join(import.meta.dirname!, "..", "..");

/** The functions that are deployed. */
export const FUNCTIONS = ["clerk-webhook", "sync-from-clerk"];

/** One file that needs no package, and the map by which its stack traces are read. */
export interface Bundle {
  code: Uint8Array;
  map: Uint8Array;
}

/**
 * All code that a program reaches, minified, in one module; packages are those of this repository. Without what is `leftOut`,
 * and without Auth, a third of supabase-js: its client makes none where it is told who is signed in (`accessToken`), as the
 * functions tell it.
 */
export async function bundle(entrypoint: string, leftOut: string[] = []): Promise<Bundle> {
  const { outputFiles } = await build({
    entryPoints: [entrypoint],
    outfile: "index.js",
    nodePaths: [join(REPOSITORY, "node_modules")],
    alias: { "@supabase/auth-js": join(import.meta.dirname!, "no_auth.ts") },
    external: ["node:*", ...leftOut],
    bundle: true,
    minify: true,
    sourcemap: "external",
    write: false,
    format: "esm",
    target: "es2023",
    platform: "neutral",
    conditions: ["deno", "module", "node", "import"],
    mainFields: ["module", "main"],
    logLevel: "silent",
  });
  // Its process would outlive the work.
  await stop();
  const [map, code] = outputFiles;
  return { code: code!.contents, map: map!.contents };
}
