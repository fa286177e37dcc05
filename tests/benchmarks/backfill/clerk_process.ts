import { join } from "node:path";
import type { Sizes } from "../../clerk_api/generated_instance.ts";

const PROGRAM = join(import.meta.dirname!, "..", "..", "clerk_api", "serve.ts");

/** Clerk's stand-in as a process of its own. */
export interface ClerkProcess extends AsyncDisposable {
  url: string;
  secretKey: string;
}

/** Starts it, with a generated instance of so many objects. */
export async function startClerk(sizes: Sizes, seed: number): Promise<ClerkProcess> {
  const options = Object.entries({ ...sizes, seed }).map(([name, value]) => `--${name}=${value}`);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", PROGRAM, ...options],
    stdout: "piped",
  }).spawn();
  const { value } = await child.stdout.getReader().read();
  const { url, secretKey } = JSON.parse(new TextDecoder().decode(value));
  return {
    url,
    secretKey,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}
