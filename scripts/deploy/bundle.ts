import { join } from "node:path";
import { build, type BuildOptions, stop } from "esbuild";

const REPOSITORY = join(import.meta.dirname!, "..", "..");

/** One file that needs no package, and the map by which its stack traces are read. */
export interface Bundle {
  code: Uint8Array;
  map: Uint8Array;
}

/**
 * How esbuild makes them: minified, with the packages of this repository, and without Auth, a third of supabase-js. Its client
 * makes none where it is told who is signed in (`accessToken`), as the functions tell it.
 */
export const OPTIONS = {
  nodePaths: [join(REPOSITORY, "node_modules")],
  alias: { "@supabase/auth-js": join(import.meta.dirname!, "no_auth.ts") },
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2023",
  platform: "neutral",
  conditions: ["deno", "module", "node", "import"],
  mainFields: ["module", "main"],
  logLevel: "silent",
} satisfies BuildOptions;

/** All code that a program reaches, in one module, without what is `leftOut`. */
export async function bundle(entrypoint: string, leftOut: string[] = []): Promise<Bundle> {
  const { outputFiles } = await build({
    ...OPTIONS,
    entryPoints: [entrypoint],
    outfile: "index.js",
    external: ["node:*", ...leftOut],
    sourcemap: "external",
    write: false,
  });
  // Its process would outlive the work.
  await stop();
  const [map, code] = outputFiles;
  return { code: code!.contents, map: map!.contents };
}
