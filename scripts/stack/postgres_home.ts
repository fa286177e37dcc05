import { existsSync } from "node:fs";
import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DataDir } from "./data_dir.ts";
import { findPostgres } from "./postgres_binaries.ts";
import { type Owner, postgresOwner } from "./postgres_owner.ts";

/** Where PostgreSQL runs: its programs, its files, and as whom (undefined: as the user of this process). */
export type PostgresHome = { programs: string; cluster: string; owner: Owner | undefined };

/**
 * Chooses the home of the server. It is the data directory, unless this is root, whose server has to run as
 * another user, and that user cannot get there (a clone below /root): then it is a folder below /var/tmp with a
 * copy of the programs, whose path the data directory remembers.
 */
export async function postgresHome(dataDir: DataDir): Promise<PostgresHome> {
  const { folder, version } = findPostgres();
  const here = dataDir.file("postgres");
  const owner = await postgresOwner(here);
  if (!owner || (canReach(owner, folder) && canReach(owner, dataDir.path))) {
    return { programs: folder, cluster: here, owner };
  }
  const away = awayFolder(dataDir, owner);
  const programs = join(away, `programs-${version}`);
  if (!existsSync(programs)) {
    await cp(folder, programs, { recursive: true, verbatimSymlinks: true });
  }
  return { programs, cluster: join(away, "postgres"), owner };
}

/** Removes what a data directory keeps outside of itself. */
export function removeAwayFolder(dataDir: DataDir): void {
  const note = dataDir.file(NOTE);
  if (existsSync(note)) Deno.removeSync(Deno.readTextFileSync(note), { recursive: true });
}

/** The file of the data directory that says where the server's files are, when they are elsewhere. */
const NOTE = "postgres-home";

function awayFolder(dataDir: DataDir, owner: Owner): string {
  const note = dataDir.file(NOTE);
  if (existsSync(note)) {
    const known = Deno.readTextFileSync(note);
    if (existsSync(known)) return known;
  }
  // A random name: one that can be guessed could be waiting there, made by another user.
  const away = Deno.makeTempDirSync({ dir: "/var/tmp", prefix: "clerk-supabase-sync-" });
  Deno.chownSync(away, owner.uid, owner.gid);
  Deno.writeTextFileSync(note, away);
  return away;
}

/** Whether a user gets through every folder down to a path. */
function canReach(owner: Owner, path: string): boolean {
  const { mode, uid, gid } = Deno.statSync(path);
  const bit = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001;
  if (((mode ?? 0) & bit) === 0) return false;
  return dirname(path) === path || canReach(owner, dirname(path));
}
