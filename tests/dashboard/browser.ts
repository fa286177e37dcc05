import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** A new page in a browser of the test's own. */
export type Open = (options?: BrowserContextOptions) => Promise<Page>;

/** A test in a real browser; reported as skipped where the system has none. */
export function browserTest(name: string, run: (open: Open) => Promise<void>): void {
  const executablePath = findBrowser();
  Deno.test({
    name,
    ignore: executablePath === null,
    // What playwright-core leaves open when its browser is closed is not this project's.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const browser: Browser = await chromium.launch({
        executablePath: executablePath!,
        args: FLAGS,
      });
      try {
        await run(async (options = {}) => await (await browser.newContext(options)).newPage());
      } finally {
        await browser.close();
      }
    },
  });
}

function findBrowser(): string | null {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find(isFile) ?? null;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
