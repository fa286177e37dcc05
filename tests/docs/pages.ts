import { dirname, join, relative } from "node:path";

const ROOT = join(import.meta.dirname!, "..", "..");

/** Folders that hold no page of this project. */
const OTHERS = ["node_modules", ".git", ".stack", ".temp", ".branches"];

/** A document of this project. */
export interface Page {
  /** From the root of the project. */
  path: string;
  text: string;
  /** The text without its blocks of code. */
  prose: string;
  /** What a link may name after its #. */
  anchors: Set<string>;
}

/** A link of a page. */
export interface Link {
  /** From the root of the project: the page itself for a mere #anchor. */
  path: string;
  anchor: string;
}

/** All pages, the README first. */
export function readPages(): Page[] {
  const paths = [...pagesIn(ROOT)].map((path) => relative(ROOT, path)).sort();
  return ["README.md", ...paths.filter((path) => path !== "README.md")].map(readPage);
}

export function readPage(path: string): Page {
  const text = readText(path);
  const prose = text.replaceAll(/^```[^]*?^```$/gm, "");
  return { path, text, prose, anchors: anchorsOf(prose) };
}

/** A file of the project. */
export function readText(path: string): string {
  return Deno.readTextFileSync(join(ROOT, path));
}

/** Of a file of the project, in bytes. */
export function sizeOf(path: string): number {
  return Deno.statSync(join(ROOT, path)).size;
}

export function exists(path: string): boolean {
  try {
    sizeOf(path);
    return true;
  } catch {
    return false;
  }
}

/** The links of a text of a page to other places of this project. */
export function linksIn(text: string, page: string): Link[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)|\bsrc(?:set)?="([^"\s]+)"/g)]
    .map(([, link, picture]) => link ?? picture!);
  return targets.filter((target) => !/^[a-z]+:/.test(target)).map((target) => {
    const [file = "", anchor = ""] = target.split("#");
    return { path: file === "" ? page : join(dirname(page), file), anchor };
  });
}

/** What is under a heading, to the next one of the same rank or a higher one. */
export function sectionOf({ path, text }: Page, anchor: string): string {
  const [, ...parts] = text.split(/^(?=#{1,6} )/m);
  const start = parts.findIndex((part) => anchorOf(part.split("\n")[0]!) === anchor);
  if (start === -1) throw new Error(`${path} has no section ${anchor}`);
  const rank = rankOf(parts[start]!);
  const rest = parts.slice(start + 1);
  const end = rest.findIndex((part) => rankOf(part) <= rank);
  return [parts[start], ...rest.slice(0, end === -1 ? rest.length : end)].join("");
}

/** The blocks of code of a language. */
export function codeIn(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
    .filter(([, of]) => of === language).map(([, , code]) => code!);
}

function* pagesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory && !OTHERS.includes(name)) yield* pagesIn(join(folder, name));
    else if (name.endsWith(".md")) yield join(folder, name);
  }
}

function anchorsOf(prose: string): Set<string> {
  const headings = [...prose.matchAll(/^#{1,6} .*$/gm)].map(([heading]) => anchorOf(heading));
  const seen = new Map<string, number>();
  return new Set(headings.map((anchor) => {
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  }));
}

/** As GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  return heading.replace(/^#+ /, "").toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim().replaceAll(/\s/g, "-");
}

function rankOf(part: string): number {
  return /^#+/.exec(part)![0].length;
}
