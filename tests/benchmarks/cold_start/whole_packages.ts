import { join } from "node:path";

const NODE_MODULES = join(import.meta.dirname!, "..", "..", "..", "node_modules");

/** Every file of the packages of these specifiers and of all that they depend on, one after the other. */
export function wholePackages(specifiers: string[]): Uint8Array[] {
  const names = new Set(specifiers.map(packageOf));
  // A set grows while it is gone through.
  for (const name of names) for (const other of dependenciesOf(name)) names.add(other);
  return [...names].sort().flatMap((name) => filesBelow(join(NODE_MODULES, name)))
    .map((file) => Deno.readFileSync(file));
}

function packageOf(specifier: string): string {
  return specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

function dependenciesOf(name: string): string[] {
  const { dependencies = {} } = JSON.parse(
    Deno.readTextFileSync(join(NODE_MODULES, name, "package.json")),
  );
  return Object.keys(dependencies);
}

function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)]
    .toSorted((a, b) => a.name < b.name ? -1 : 1)
    .flatMap(({ name, isDirectory }) =>
      isDirectory ? filesBelow(join(folder, name)) : [join(folder, name)]
    );
}
