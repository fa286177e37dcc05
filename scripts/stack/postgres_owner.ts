import { existsSync } from "node:fs";
import { StackError } from "./stack_error.ts";

/** A user of this machine. */
export type Owner = { uid: number; gid: number };

const NAME = "postgres";

/**
 * As whom the server runs, where it isn't the user of this process: PostgreSQL refuses to be root. It is the owner
 * of its files, where there are any, otherwise the user `postgres`, who is made when missing.
 */
export async function postgresOwner(cluster: string): Promise<Owner | undefined> {
  if (Deno.uid() !== 0) return undefined;
  if (existsSync(cluster)) {
    const { uid, gid } = Deno.statSync(cluster);
    if (uid) return { uid, gid: gid ?? uid };
  }
  const owner = await lookUp();
  if (owner) return owner;
  await run("useradd", ["--system", "--user-group", "--no-create-home", NAME]);
  const made = await lookUp();
  if (made) return made;
  throw new StackError(
    `PostgreSQL does not run as root, and no user \`${NAME}\` could be made: start as another user`,
  );
}

async function lookUp(): Promise<Owner | undefined> {
  const [uid, gid] = await Promise.all([run("id", ["-u", NAME]), run("id", ["-g", NAME])]);
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
}

async function run(command: string, args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(command, { args, stderr: "null" }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined; // the command is not there
  }
}
