import { isDeepStrictEqual } from "node:util";
import semver from "semver";
import { parse, stringify } from "smol-toml";
import { findBlock, withBlock } from "./block.ts";
import { MIGRATION_OF_REMOVAL, namesAfter } from "./names.ts";
import { CONFIG, EXAMPLE, leadsOut, MANIFEST, type Manifest, type Project } from "./project.ts";
import { checksum, filesBelow, FOLDERS, type Release } from "./release.ts";

/** What adding, upgrading or removing does to the files of a project. */
export interface Plan {
  /** What is in the way: nothing is written while there is anything. */
  obstacles: string[];
  /** In their order; the manifest comes last, so that whatever ends this in the middle, a second run goes on. */
  writes: { path: string; text: string }[];
  deletes: string[];
  /** Files that they and we changed since they were added. They stay as they are, and somebody has to merge. */
  conflicts: string[];
  /** Files that they changed and we did not: nothing is to be done. */
  kept: string[];
}

/** A plan under way, with the manifest that it leads to. */
interface Draft extends Plan {
  manifest: Manifest;
}

/** Adds a release to a project, or makes another version in it this one; `schema` is where the release has its tables. */
export function planAdd(release: Release, project: Project, schema: string): Plan {
  const draft: Draft = {
    ...{ obstacles: [], writes: [], deletes: [], conflicts: [], kept: [] },
    manifest: { version: release.version, schema, migrations: {}, files: {}, blocks: {} },
  };
  const there = project.manifest?.version;
  if (there && semver.lt(release.version, there)) {
    const why = `${MANIFEST} is of version ${there}, and this is ${release.version}: use that one.`;
    return { ...draft, obstacles: [`${why} A database doesn't go back.`] };
  }
  addMigrations(draft, release, project);
  addFiles(draft, release, project);
  addConfig(draft, release, project);
  addExample(draft, release, project);
  const folders = ["migrations", ...FOLDERS.map((folder) => `functions/${folder}`)];
  const halves = folders.flatMap((folder) => filesBelow(project.root, `supabase/${folder}`))
    .filter(isHalf);
  draft.deletes.push(...halves);
  return concluded(draft, project);
}

/** Leaves out what is as it should be, and refuses what leads out of the project. */
function concluded({ manifest, ...plan }: Draft, project: Project): Plan {
  const last = { path: MANIFEST, text: JSON.stringify(manifest, null, 2) + "\n" };
  const writes = [...plan.writes, last].filter(({ path, text }) => project.read(path) !== text);
  const paths = [...writes.map(({ path }) => path), ...plan.deletes];
  const links = paths.flatMap((path) => leadsOut(project.root, path) ?? []);
  return { ...plan, writes, obstacles: [...plan.obstacles, ...new Set(links)] };
}

/** Those that are there keep their names and are never written over; new ones come after all that are there. */
function addMigrations(draft: Draft, release: Release, project: Project): void {
  const before = project.manifest?.migrations ?? {};
  const removal = project.migrations.findLast((name) => name.endsWith(MIGRATION_OF_REMOVAL)) ?? "";
  const isSince = (name: string) => name > removal;
  Object.assign(draft.manifest.migrations, before);
  const fresh: Release["migrations"] = [];
  const edited: string[] = [];
  for (const migration of release.migrations) {
    const sha256 = checksum(migration.text);
    const known = before[migration.file];
    if (known) {
      const path = `supabase/migrations/${known.file}`;
      const text = project.read(path);
      if (known.sha256 !== sha256) edited.push(migration.file);
      else if (text === null) draft.writes.push({ path, text: migration.text });
      else if (checksum(text) !== sha256) draft.kept.push(path);
      continue;
    }
    // Left by a run that was ended before it wrote the manifest, or copied by hand.
    const copy = project.migrations.filter(isSince).find((name) =>
      withoutVersion(name) === withoutVersion(migration.file) &&
      checksum(project.read(`supabase/migrations/${name}`) ?? "") === sha256
    );
    if (copy) draft.manifest.migrations[migration.file] = { file: copy, sha256 };
    else fresh.push(migration);
  }
  if (edited.length > 0) {
    const added = `what version ${project.manifest!.version} added`;
    draft.obstacles.push(
      `Migrations are not ${added}, and what was applied is not applied again: ${
        edited.join(", ")
      }. ` +
        "Versions before 1.0.0 may do so. Take the sync out with --remove, apply that, and add it again: " +
        "tables and rows stay.",
    );
  }
  const names = namesAfter(project.migrations.at(-1), fresh.map(({ file }) => file));
  fresh.forEach(({ file, text }, index) => {
    draft.manifest.migrations[file] = { file: names[index]!, sha256: checksum(text) };
    draft.writes.push({ path: `supabase/migrations/${names[index]}`, text });
  });
}

function withoutVersion(name: string): string {
  return name.replace(/^\d+_/, "");
}

/** Files that are as we left them follow the release; others stay. */
function addFiles(draft: Draft, release: Release, project: Project): void {
  const before = project.manifest?.files ?? {};
  const isOurs = (path: string) => {
    const text = release.files.get(path);
    return text !== undefined && checksum(project.read(path) ?? "") === checksum(text);
  };
  for (const folder of project.manifest ? [] : FOLDERS) {
    const path = `supabase/functions/${folder}`;
    const theirs = filesBelow(project.root, path).filter((file) => !isOurs(file) && !isHalf(file));
    if (theirs.length === 0) continue;
    const some = theirs.slice(0, 3).join(", ") + (theirs.length > 3 ? ", …" : "");
    draft.obstacles.push(
      `${path} is there and isn't the sync's, which has one of this name: rename it. It has ${some}.`,
    );
  }
  for (const [path, text] of release.files) {
    const sha256 = checksum(text);
    const there = project.read(path);
    const current = there === null ? null : checksum(there);
    const base = before[path];
    if (current === null || current === base || current === sha256) {
      draft.manifest.files[path] = sha256;
      if (current !== sha256) draft.writes.push({ path, text });
      continue;
    }
    draft.manifest.files[path] = base ?? sha256;
    (base === sha256 ? draft.kept : draft.conflicts).push(path);
  }
  for (const [path, base] of Object.entries(before)) {
    if (release.files.has(path)) continue;
    const there = project.read(path);
    if (there === null) continue;
    if (checksum(there) === base) draft.deletes.push(path);
    else {
      draft.manifest.files[path] = base;
      draft.conflicts.push(path);
    }
  }
}

/** A file that a run which was ended did not finish. */
function isHalf(path: string): boolean {
  return path.endsWith(HALF);
}

/** What a file is called until it is whole. */
export const HALF = ".clerk-sync-new";

type Table = Record<string, unknown>;

/**
 * Sections are appended as text: no library writes TOML with the comments and the order that it has. Parsed before and after,
 * the file differs in our sections alone.
 */
function addConfig(draft: Draft, release: Release, project: Project): void {
  const ours = parse(release.config) as { functions: Record<string, Table> };
  const missingIn = (rest: string) => {
    const { functions = {} } = parse(rest) as { functions?: Record<string, Table> };
    return Object.keys(ours.functions).filter((name) => !functions[name]);
  };
  const blockFor = (rest: string) =>
    release.config.split(/\n(?=\[)/)
      .filter((section) =>
        missingIn(rest).some((name) => section.startsWith(`[functions.${name}]`))
      )
      .join("\n");
  const sha256 = project.manifest?.blocks[CONFIG];
  const { rest } = findBlock(project.read(CONFIG) ?? "", sha256, blockFor);
  const theirs = parse(rest) as { functions?: Record<string, Table>; api?: { schemas?: unknown } };
  draft.obstacles.push(...otherValues(theirs.functions ?? {}, ours.functions));
  const { schemas = ["public"] } = theirs.api ?? {};
  const { schema } = draft.manifest;
  if (Array.isArray(schemas) && !schemas.includes(schema)) {
    draft.obstacles.push(
      `${CONFIG}: [api] schemas has no "${schema}", where the functions call their RPCs. Add it.`,
    );
  }
  if (Array.isArray(schemas) && schemas.includes("clerk_sync")) {
    draft.obstacles.push(
      `${CONFIG}: [api] schemas has "clerk_sync", which is private to the sync. Remove it.`,
    );
  }
  const block = blockFor(rest);
  const text = withBlock(rest, block);
  const added = missingIn(rest).map((name) => [name, ours.functions[name]]);
  if (appended(text, theirs, Object.fromEntries(added))) put(draft, CONFIG, text, block);
  else {
    draft.obstacles.push(
      `${CONFIG} declares functions in a way to which no section can be appended. Declare each in a section of its own, ` +
        "[functions.…].",
    );
  }
}

/** Sections that are there, and don't say what the function needs. */
function otherValues(theirs: Record<string, Table>, ours: Record<string, Table>): string[] {
  return Object.entries(ours).flatMap(([name, section]) => {
    const there = theirs[name] ?? section;
    const other = Object.entries(section).filter(([key, value]) => there[key] !== value)
      .filter(([key]) => key !== "enabled" || there[key] !== undefined);
    if (other.length === 0) return [];
    const wanted = stringify(Object.fromEntries(other)).trim().replaceAll("\n", ", ");
    return `${CONFIG} has a section [functions.${name}] with other values than the function needs. Make it say: ${wanted}.`;
  });
}

/** Whether a text says what was there before, our sections, and nothing else. */
function appended(text: string, before: Table, functions: Record<string, Table>): boolean {
  try {
    const wanted = Object.keys(functions).length === 0
      ? before
      : { ...before, functions: { ...before.functions as Table, ...functions } };
    return isDeepStrictEqual(plain(parse(text)), plain(wanted));
  } catch {
    return false;
  }
}

/** Tables of the parser's have no prototype, and those that are put together have one. */
function plain(value: unknown): unknown {
  return structuredClone(JSON.parse(JSON.stringify(value)));
}

/** The names that theirs does not have yet, each with what is said of it. */
function addExample(draft: Draft, release: Release, project: Project): void {
  const blockFor = (rest: string) => {
    const has = new Set([...rest.matchAll(NAME)].map(([, name]) => name));
    const paragraphs = release.environment.split(/\n{2,}/).flatMap((paragraph) => {
      const lines = paragraph.trim().split("\n").filter((line) =>
        !has.has(/^(\w+)=/.exec(line)?.[1])
      );
      return lines.some((line) => /^\w+=/.test(line)) ? lines.join("\n") + "\n" : [];
    });
    return paragraphs.join("\n");
  };
  const sha256 = project.manifest?.blocks[EXAMPLE];
  const { rest } = findBlock(project.read(EXAMPLE) ?? "", sha256, blockFor);
  put(draft, EXAMPLE, withBlock(rest, blockFor(rest)), blockFor(rest));
}

/** A variable, also one that is commented out. */
const NAME = /^(?:# ?)?(?:export )?([A-Z_]\w*)=/gm;

function put(draft: Draft, path: typeof CONFIG | typeof EXAMPLE, text: string, block: string) {
  if (block) draft.manifest.blocks[path] = checksum(block);
  draft.writes.push({ path, text });
}
