/** Static and dynamic imports and re-exports, by what they import. */
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)"([^"]+)"/g;

/** What a module imports, it and all that it reaches by relative paths, other than these. */
export function importsOf(entrypoint: URL): Set<string> {
  const outside = new Set<string>();
  const seen = new Set<string>();
  const queue = [entrypoint];
  for (let module = queue.pop(); module; module = queue.pop()) {
    if (seen.has(module.href)) continue;
    seen.add(module.href);
    for (const [, specifier = ""] of Deno.readTextFileSync(module).matchAll(IMPORT)) {
      if (/^\.{1,2}\//.test(specifier)) queue.push(new URL(specifier, module));
      else outside.add(specifier);
    }
  }
  return outside;
}
