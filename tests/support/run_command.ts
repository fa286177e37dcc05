import { fileURLToPath } from "node:url";

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
};

/** Runs scripts/<name>.ts in a process of its own. */
export async function runCommand(name: string, given: Given = {}): Promise<Ended> {
  const { args = [], env = {}, stdin = "" } = given;
  const script = fileURLToPath(new URL(`../../scripts/${name}.ts`, import.meta.url));
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script, ...args],
    env: { ...UNSET, ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}
