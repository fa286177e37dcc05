import { join, resolve } from "node:path";
import { StackError } from "./report.ts";

/** Where a stack keeps everything between two runs, held by one stack at a time. */
export type DataDir = {
  path: string;
  /** Where a file or folder of that name is. */
  file(name: string): string;
  release(): void;
};

/** The lock is also the mark by which `--fresh` knows that a directory is a stack's and may be emptied. */
const LOCK = "stack.lock";
const LOGS = "logs";
/** Of the server, which runs as another user when this is root. */
const SERVERS = ["postgres", "postgres.part", "postgres.password"];
/** A stack that is ending, or whose launcher was just killed, gives its lock back within this time. */
const LOCK_WAIT_MS = 3000;

/** Opens, or makes, a data directory and locks it; the lock ends with this process, however it ends. */
export async function openDataDir(dir: string): Promise<DataDir> {
  const path = resolve(dir);
  const file = (name: string) => join(path, name);
  Deno.mkdirSync(path, { recursive: true });
  refuseAnothers(path);
  refuseForeign(path);
  // As root the server runs as another user, who must get through to its own folder, but not look around.
  Deno.chmodSync(path, Deno.uid() === 0 ? 0o711 : 0o700);
  // From here on nobody else puts anything into it: what is there already is looked at once.
  refusePlanted(path);
  const lock = await takeLock(file(LOCK), path);
  const dataDir = { path, file, release: () => lock.close() };
  makeFolders(dataDir);
  return dataDir;
}

/** Empties a data directory whose lock this process holds. */
export function emptyDataDir(dataDir: DataDir): void {
  for (const { name } of Deno.readDirSync(dataDir.path)) {
    if (name !== LOCK) Deno.removeSync(dataDir.file(name), { recursive: true });
  }
  makeFolders(dataDir);
}

/** For the logs, and for what Deno compiled, which whoever can write it can change. */
function makeFolders({ file }: DataDir): void {
  for (const folder of [file(LOGS), file("deno")]) {
    Deno.mkdirSync(folder, { recursive: true });
    Deno.chmodSync(folder, 0o700);
  }
}

/** Whoever owns a directory can swap what is in it while it is used. */
function refuseAnothers(path: string): void {
  const isOwn = [Deno.lstatSync(path), Deno.statSync(path)].every(({ uid }) => uid === Deno.uid());
  if (isOwn) return;
  throw new StackError(`${path} belongs to another user; choose another with --data-dir`);
}

/** A link leads what is written elsewhere; a file of another user's is theirs to read and to change. */
function refusePlanted(path: string): void {
  for (const { name, isSymlink } of Deno.readDirSync(path)) {
    const file = join(path, name);
    const isServers = Deno.uid() === 0 && SERVERS.includes(name);
    if (isSymlink || !(isServers || Deno.lstatSync(file).uid === Deno.uid())) {
      const what = isSymlink ? "is a symbolic link" : "belongs to another user";
      throw new StackError(
        `${file} ${what}; remove it, or choose another directory with --data-dir`,
      );
    }
    if (name === LOGS) refusePlanted(file);
  }
}

function refuseForeign(path: string): void {
  const names = [...Deno.readDirSync(path)].map(({ name }) => name);
  if (names.length === 0 || names.includes(LOCK)) return;
  throw new StackError(
    `${path} holds other things than a stack's data; choose another with --data-dir`,
  );
}

async function takeLock(file: string, path: string): Promise<Deno.FsFile> {
  const lock = Deno.openSync(file, { read: true, write: true, create: true, mode: 0o600 });
  const deadline = Date.now() + LOCK_WAIT_MS;
  while (!lock.tryLockSync(true)) {
    if (Date.now() > deadline) {
      const holder = Deno.readTextFileSync(file).trim();
      lock.close();
      throw new StackError(
        `a stack is already running on ${path} (process ${holder}); ` +
          "stop it, or choose another directory with --data-dir",
      );
    }
    await new Promise((wake) => setTimeout(wake, 100));
  }
  lock.truncateSync(0);
  lock.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
  return lock;
}
