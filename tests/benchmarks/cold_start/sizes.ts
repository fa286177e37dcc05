import { brotliCompressSync, constants } from "node:zlib";
import type { Measure } from "../part.ts";
import { bundle } from "./bundle.ts";
import type { ModuleGraph } from "./module_graph.ts";
import { wholePackages } from "./whole_packages.ts";

/** The default of the library that the Supabase CLI compresses with. */
const BROTLI_QUALITY = 6;

/** The measure that has a target. */
export const ONE_FILE = { group: "in one file", name: "minified" };

/**
 * How much is deployed. `supabase functions deploy` can't be run without Docker or a project. It uploads the function's
 * own files (`--use-api`), or what its bundler makes of them: with every package of theirs put in whole, used or not, and
 * compressed by Brotli. That hardly depends on what the function does with its packages. What it can reach of them does,
 * and is told by one file of all that code, minified; and for each package by what is missing from it without that one.
 */
export async function deploySizes(
  entrypoint: string,
  { files, specifiers }: ModuleGraph,
  signal: AbortSignal,
): Promise<Measure[]> {
  const own = files.map((file) => Deno.readFileSync(file));
  const everything = concat([...own, ...wholePackages(specifiers)]);
  const oneFile = await bundle(entrypoint, [], signal);
  const measures = [
    sizeOf("deployed", "own files", concat(own).length),
    sizeOf("deployed", "with whole packages", everything.length),
    sizeOf("deployed", "with whole packages, compressed", compressed(everything)),
    sizeOf(ONE_FILE.group, ONE_FILE.name, oneFile.length),
    sizeOf(ONE_FILE.group, `${ONE_FILE.name}, compressed`, compressed(oneFile)),
  ];
  for (const specifier of specifiers) {
    const without = await bundle(entrypoint, [specifier], signal);
    measures.push(sizeOf(ONE_FILE.group, specifier, oneFile.length - without.length));
  }
  return measures;
}

function sizeOf(group: string, name: string, bytes: number): Measure {
  return { group, name, value: bytes / 1000, unit: "kB" };
}

function compressed(bytes: Uint8Array): number {
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
  return brotliCompressSync(bytes, { params }).length;
}

function concat(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
