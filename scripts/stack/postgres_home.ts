import { existsSync } from "node:fs";
import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DataDir } from "./data_dir.ts";
import { findPostgres } from "./postgres_binaries.ts";
import { type Owner, postgresOwner } from "./postgres_owner.ts";
import { writeSecretFile } from "./secret_file.ts";
import { StackError } from "./stack_error.ts";

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
