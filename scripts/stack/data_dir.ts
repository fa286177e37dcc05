import { join, resolve } from "node:path";
import { StackError } from "./stack_error.ts";

/** Where a stack keeps everything between two runs, held by one stack at a time. */
export type DataDir = {
  path: string;
  /** Where a file or folder of that name is. */
  file(name: string): string;
  release(): void;
};

/** The lock is also the mark by which `--fresh` knows that a directory is a stack's and may be emptied. */
const LOCK = "stack.lock";
/** A stack that is ending, or whose launcher was just killed, gives its lock back within this time. */
const LOCK_WAIT_MS = 3000;

/** Opens, or makes, a data directory and locks it; the lock ends with this process, however it ends. */
export async function openDataDir(dir: string): Promise<DataDir> {
  const path = resolve(dir);
  const file = (name: string) => join(path, name);
  Deno.mkdirSync(path, { recursive: true });
  refuseForeign(path);
  const lock = await takeLock(file(LOCK), path);
  // As root the server runs as another user, who must get through to its own folder, but not look around.
  Deno.chmodSync(path, Deno.uid() === 0 ? 0o711 : 0o700);
  Deno.mkdirSync(file("logs"), { recursive: true, mode: 0o700 });
  return {
    path,
    file,
    release: () => lock.close(),
  };
}

/** Empties a data directory whose lock this process holds. */
export function emptyDataDir({ path, file }: DataDir): void {
  for (const { name } of Deno.readDirSync(path)) {
    if (name !== LOCK) Deno.removeSync(file(name), { recursive: true });
  }
  Deno.mkdirSync(file("logs"), { mode: 0o700 });
}

function refuseForeign(path: string): void {
  const names = [...Deno.readDirSync(path)].map(({ name }) => name);
  if (names.length === 0 || names.includes(LOCK)) return;
  throw new StackError(
    `${path} holds other things than a stack's data; choose another with --data-dir`,
  );
}

async function takeLock(file: string, path: string): Promise<Deno.FsFile> {
  const lock = openLock(file, path);
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

function openLock(file: string, path: string): Deno.FsFile {
  try {
    return Deno.openSync(file, { read: true, write: true, create: true, mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    throw new StackError(`${path} belongs to another user; choose another with --data-dir`);
  }
}
