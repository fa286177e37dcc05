import { join } from "node:path";

/** A file of the page. */
export interface PageFile {
  type: string;
  body: Uint8Array<ArrayBuffer>;
}

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/** Reads all files of the page, by their paths. Nothing else is ever served: no path of a request reaches the disk. */
export async function readPageFiles(): Promise<Map<string, PageFile>> {
  const page = join(import.meta.dirname!, "page");
  const files = [...Deno.readDirSync(page)].map(({ name }) => [`/${name}`, join(page, name)]);
  const uplot = join(import.meta.dirname!, "..", "..", "node_modules", "uplot", "dist");
  files.push(["/uplot.js", join(uplot, "uPlot.iife.min.js")], [
    "/uplot.css",
    join(uplot, "uPlot.min.css"),
  ]);

  const read = await Promise.all(files.map(async ([path, file]) => {
    const type = TYPES[file!.split(".").at(-1)!]!;
    return [path!, { type, body: await Deno.readFile(file!) }] as const;
  }));
  const byPath = new Map<string, PageFile>(read);
  byPath.set("/", byPath.get("/index.html")!);
  return byPath;
}
