import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { keepAlive, type KeptProcess } from "./keep_alive.ts";
import type { LogFile } from "./log_file.ts";
import { HOST } from "./ports.ts";
import { type PostgresHome, program } from "./postgres_home.ts";
import { StackError } from "./report.ts";
import { SUPERUSER } from "./roles.ts";

/** What the server of a stack needs to know. */
type PostgresOptions = {
  home: PostgresHome;
  port: number;
  /** What the superuser of a cluster that is made gets. */
  superuserPassword: string;
  log: LogFile;
  signal: AbortSignal;
  onRestart: (message: string) => void;
};

const MAJOR = "17";

/** Makes the cluster when it is missing, starts the server and keeps it alive. */
export async function startPostgres(options: PostgresOptions): Promise<KeptProcess> {
  const { home, superuserPassword, log, signal, onRestart } = options;
  await makeCluster(home, superuserPassword);
  return await keepAlive({
    name: "PostgreSQL",
    spawn: () => endTogether(spawnServer(options)),
    isReady: (child) => Promise.resolve(saysReady(home.cluster, child.pid)),
    // After a kill the last of its processes may still hold its memory for a moment.
    attempts: 25,
    stopSignal: "SIGINT",
    forceSignal: "SIGQUIT",
    signal,
    onRestart,
    lastWords: log.tail,
  });
}

function spawnServer({ home, port, log }: PostgresOptions): ChildProcess {
  return spawn(program(home.programs, "postgres"), ["-D", home.cluster, ...settings(port)], {
    ...home.owner,
    // The owner may not be able to enter the folder in which the stack was started.
    cwd: dirname(home.cluster),
    // Its own session: Ctrl-C in the terminal is for the stack, which stops the server as the last of all.
    detached: true,
    // A file and not a pipe: it logs its end too when the stack was killed outright.
    stdio: ["ignore", log.fd, log.fd],
  });
}

/** Made aside and moved into place: a half-made cluster is never taken for a whole one. */
async function makeCluster(
  { programs, cluster, owner }: PostgresHome,
  superuserPassword: string,
): Promise<void> {
  if (existsSync(cluster)) return checkVersion(cluster);
  const part = `${cluster}.part`;
  const passwordFile = `${cluster}.password`;
  for (const path of [part, passwordFile]) rmSync(path, { recursive: true, force: true });
  Deno.mkdirSync(part, { mode: 0o700 });
  const options = { mode: 0o600, createNew: true };
  Deno.writeTextFileSync(passwordFile, `${superuserPassword}\n`, options);
  for (const path of owner ? [part, passwordFile] : []) {
    Deno.chownSync(path, owner!.uid, owner!.gid);
  }
  const { success, stderr } = await new Deno.Command(program(programs, "initdb"), {
    args: [
      `--pgdata=${part}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      // Sorting and letters as hosted, on every machine, whatever locales it has.
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=icu",
      "--icu-locale=en_US.UTF-8",
    ],
    ...owner,
    cwd: dirname(cluster),
    stdout: "null",
    stderr: "piped",
  }).output();
  Deno.removeSync(passwordFile);
  if (!success) {
    throw new StackError(`PostgreSQL cannot be set up:\n${new TextDecoder().decode(stderr)}`);
  }
  Deno.renameSync(part, cluster);
}

function checkVersion(cluster: string): void {
  const file = join(cluster, "PG_VERSION");
  const version = existsSync(file) ? Deno.readTextFileSync(file).trim() : "";
  if (version === MAJOR) return;
  const what = /^\d+$/.test(version)
    ? `the data were made by PostgreSQL ${version}, and this is ${MAJOR}`
    : `${cluster} holds no data of PostgreSQL`;
  throw new StackError(`${what}; --fresh starts anew`);
}

function settings(port: number): string[] {
  const values = {
    listen_addresses: HOST,
    port,
    // No socket: its path may be longer than the system allows.
    unix_socket_directories: "",
    max_connections: 100,
    timezone: "UTC",
    log_timezone: "UTC",
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** Whether the server with this process id says that it accepts connections. */
function saysReady(cluster: string, pid: number | undefined): boolean {
  const lines = pidFile(cluster);
  return lines[0] === String(pid) && lines[7]?.trim() === "ready";
}

/**
 * Ends the server that a killed stack left behind on these files. The lock of the data directory is held, so no
 * living stack owns it. Returns whether there was one.
 */
export async function stopLeftover(cluster: string): Promise<boolean> {
  const pid = Number(pidFile(cluster)[0]);
  if (!pid) return false;
  if (!await serves(pid, cluster)) {
    // Another program has that number now, or nobody: PostgreSQL would take it for itself and refuse to start.
    Deno.removeSync(join(cluster, "postmaster.pid"));
    return false;
  }
  for (const signal of ["SIGINT", "SIGQUIT"]) {
    process.kill(pid, signal);
    for (let waited = 0; waited < 10_000; waited += 50) {
      if (!await serves(pid, cluster)) return true;
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }
  throw new StackError(`PostgreSQL of an earlier run does not end (process ${pid})`);
}

/** The lines of postmaster.pid: process id, data directory, start time, port, …, and as the eighth the state. */
function pidFile(cluster: string): string[] {
  try {
    return Deno.readTextFileSync(join(cluster, "postmaster.pid")).split("\n");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** A process id alone proves nothing: the number may belong to any other program by now. */
async function serves(pid: number, cluster: string): Promise<boolean> {
  return (await commandLine(pid)).includes(cluster);
}

async function commandLine(pid: number): Promise<string> {
  try {
    if (Deno.build.os === "linux") return Deno.readTextFileSync(`/proc/${pid}/cmdline`);
    const args = ["-o", "args=", "-p", String(pid)];
    return new TextDecoder().decode((await new Deno.Command("ps", { args }).output()).stdout);
  } catch {
    return "";
  }
}

/** Waits at a pipe to which nothing is ever written: it ends when the process at its other end does. */
const WAIT_AND_END = 'read -r _; kill -s INT "$1"';

/**
 * Ends a process, by SIGINT, when this one has ended, however it did: one that is killed outright can't do so itself. A
 * shell does it, for the process is no program of ours that could look after its parent.
 */
function endTogether(child: ChildProcess): ChildProcess {
  if (child.pid === undefined) return child;
  const watcher = spawn("sh", ["-c", WAIT_AND_END, "sh", String(child.pid)], {
    // Its own session: Ctrl-C in the terminal is not for it.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // The number may belong to another process afterwards.
  child.once("exit", () => watcher.kill("SIGKILL"));
  return child;
}
