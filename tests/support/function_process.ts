import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What the process needs of this one's environment to run at all. */
const INHERITED = ["PATH", "HOME", "DENO_DIR", "SystemRoot", "TEMP"];

/** What a function runs on. */
export interface Runtime {
  /** The program of a Deno. */
  deno: string;
  /** The project's folder. */
  root: string;
  /** How packages are found, as flags of `deno run`. */
  flags: string[];
  env?: Record<string, string>;
}

/** This Deno, with the project's node_modules. */
const HERE: Runtime = { deno: Deno.execPath(), root: ROOT, flags: ["--config=deno.json"] };

/** A function that runs as a process of its own, on a port of its own. */
export interface FunctionProcess extends AsyncDisposable {
  url: string;
  pid: number;
  /** Ends the process, and returns the lines that it logged. */
  stop(): Promise<string[]>;
}

/** Starts index.ts of a function with nothing of the project's environment but `env`. */
export async function startFunction(
  name: string,
  env: Record<string, string>,
  runtime: Runtime = HERE,
): Promise<FunctionProcess> {
  const inherited = INHERITED.map((variable) => [variable, Deno.env.get(variable)])
    .filter(([, value]) => value !== undefined);
  const child = new Deno.Command(runtime.deno, {
    args: [
      "run",
      "--no-prompt",
      ...runtime.flags,
      "--allow-net",
      "--allow-env",
      "--allow-read=.",
      `supabase/functions/${name}/index.ts`,
    ],
    cwd: runtime.root,
    clearEnv: true,
    env: {
      ...Object.fromEntries(inherited),
      ...runtime.env,
      ...env,
      DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0",
    },
    stdout: "piped",
    stderr: "piped",
  }).spawn();

  const logged = new Response(child.stdout).text();
  const greeted = Promise.withResolvers<string>();
  const heard = hear(child.stderr, greeted);
  const stop = async () => {
    try {
      child.kill();
    } catch {
      // It has ended already.
    }
    await Promise.all([child.status, heard]);
    return (await logged).split("\n").filter(Boolean);
  };
  const url = await greeted.promise;
  return { url, pid: child.pid, stop, [Symbol.asyncDispose]: async () => void await stop() };
}

/** Reads stderr to its end; the address is in Deno.serve's greeting. */
async function hear(
  stderr: ReadableStream<Uint8Array<ArrayBuffer>>,
  greeted: PromiseWithResolvers<string>,
): Promise<void> {
  let text = "";
  for await (const chunk of stderr.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const [, url] = /Listening on (http:\S+)/.exec(text) ?? [];
    if (url) greeted.resolve(url);
  }
  greeted.reject(new Error(`the function ended before it listened: ${text}`));
}
