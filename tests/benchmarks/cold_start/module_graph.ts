import { runDeno } from "./run_deno.ts";

/** What a program consists of, by `deno info`. */
export interface ModuleGraph {
  /** The project's own files. */
  files: string[];
  /** What it imports from packages, as it is written there; types alone do not count. */
  specifiers: string[];
}

interface Info {
  modules: { local?: string; dependencies?: { specifier: string; code?: object }[] }[];
}

/** The graph of a program's modules, without what is inside packages. */
export async function moduleGraph(entrypoint: string, signal: AbortSignal): Promise<ModuleGraph> {
  const { modules }: Info = JSON.parse(await runDeno(["info", "--json", entrypoint], signal));
  const own = modules.filter(({ local }) => local && !local.includes("node_modules"));
  const imported = own.flatMap(({ dependencies = [] }) => dependencies.filter(({ code }) => code));
  const isPackage = ({ specifier }: { specifier: string }) => !/^(\.|node:)/.test(specifier);
  return {
    files: own.map(({ local }) => local!),
    specifiers: [...new Set(imported.filter(isPackage).map(({ specifier }) => specifier))].sort(),
  };
}
