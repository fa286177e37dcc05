import { fileURLToPath } from "node:url";
import packageJson from "../../package.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What a command is called with. */
export interface Given {
  args?: string[];
  env?: Record<string, string>;
  stdin?: string;
}

/** How a command ended and what it printed. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** The settings of a caller's own project, which must not decide how a test ends. */
const UNSET = {
  WEBHOOK_URL: "",
  CLERK_WEBHOOK_SECRET: "",
  SUPABASE_URL: "",
  SUPABASE_SECRET_KEY: "",
  SUPABASE_SERVICE_ROLE_KEY: "",
  SUPABASE_PUBLISHABLE_KEY: "",
  CLERK_SECRET_KEY: "",
  CLERK_INSTANCE_ID: "",
  CLERK_API_URL: "",
  CLERK_SYNC_SCHEMA: "",
};

/** A script of package.json. */
export type CommandName = keyof typeof packageJson.scripts;

/** The arguments with which Deno runs a command, as npm runs it. */
export function commandLine(name: CommandName): string[] {
  const [, args = ""] = packageJson.scripts[name].split("deno.mjs ");
  return args.replace("run -A", "run -A --no-check").split(" ");
}

/** Starts a command in a process of its own. */
export function spawnCommand(name: CommandName, { args = [], env = {} }: Given): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [...commandLine(name), ...args],
    cwd: ROOT,
    env: { ...UNSET, ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a command to its end. */
export async function runCommand(name: CommandName, given: Given = {}): Promise<Ended> {
  return await endOf(spawnCommand(name, given), given.stdin);
}

/** Gives a command its input, and waits for its end. */
export async function endOf(child: Deno.ChildProcess, stdin = ""): Promise<Ended> {
  await using _ = child;
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}
