import { dirname, join } from "node:path";
import { chartOf } from "./chart.ts";
import { draw } from "./draw.ts";
import { withResults } from "./readme.ts";
import type { Report } from "./report.ts";
import { type KeptPart, mergeResults, resultsText } from "./results.ts";

const BENCHMARKS = join("tests", "benchmarks");
const RESULTS = join(BENCHMARKS, "results.json");
const PAGE = join("tests", "README.md");

/** Keeps what a run measured: in the file of results, and drawn and written out of it. Returns the files. */
export async function save(root: string, report: Report, names: string[]): Promise<string[]> {
  const parts = mergeResults(await readResults(root), report, names);
  const files = { [RESULTS]: resultsText(parts), ...await filesFrom(root, parts) };
  for (const [path, text] of Object.entries(files)) await replaceFile(join(root, path), text);
  return Object.keys(files);
}

/** What was kept so far. */
export async function readResults(root: string): Promise<KeptPart[]> {
  return JSON.parse(await Deno.readTextFile(join(root, RESULTS)));
}

/** The files that the results alone decide, by their paths. */
export async function filesFrom(root: string, parts: KeptPart[]): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const part of parts) {
    files[join(BENCHMARKS, "charts", `${part.name}.svg`)] = await draw(chartOf(part));
  }
  files[PAGE] = withResults(await Deno.readTextFile(join(root, PAGE)), parts);
  return files;
}

/** In one step: whoever reads it meanwhile, or after a crash, finds the old text or the new one. */
async function replaceFile(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(`${path}.new`, text);
  await Deno.rename(`${path}.new`, path);
}
