import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** The project's folder. */
export const ROOT = join(import.meta.dirname!, "..", "..");

/** The Deno that is inside Supabase's Edge Runtime. */
export const EDGE_DENO = join(
  ROOT,
  "node_modules",
  `edge-runtime-deno-${process.platform}-${process.arch}`,
  "deno",
);

/** Whether npm has it for this platform, and installed it. */
export const HAS_EDGE_DENO = existsSync(EDGE_DENO);

/** What a download needs of this process's environment. */
const INHERITED = ["PATH", "HOME", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "DENO_CERT"];

/**
 * An environment with nothing cached. npm test itself can't reach the registry: it hands the address of another one than the
 * usual, if there is one, to those who may.
 */
export function emptyCache(folder: string): Record<string, string> {
  const inherited = INHERITED.map((name) => [name, Deno.env.get(name)]);
  const registry = ["NPM_CONFIG_REGISTRY", Deno.env.get("TEST_REGISTRY")];
  return {
    ...Object.fromEntries([...inherited, registry].filter(([, value]) => value)),
    DENO_DIR: folder,
    DENO_NO_UPDATE_CHECK: "1",
    DENO_TLS_CA_STORE: "system,mozilla",
    NO_COLOR: "1",
  };
}

/** How a run of it ended, and all that it wrote. */
export async function runEdgeDeno(
  args: string[],
  { cwd = ROOT, env }: { cwd?: string; env: Record<string, string> },
): Promise<{ success: boolean; output: string }> {
  const options = { args, cwd, env, clearEnv: true };
  const { success, stdout, stderr } = await new Deno.Command(EDGE_DENO, options).output();
  const decoder = new TextDecoder();
  return { success, output: decoder.decode(stdout) + decoder.decode(stderr) };
}
