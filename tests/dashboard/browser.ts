import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { BROWSER_FLAGS, findBrowser } from "../../scripts/dashboard/browser.ts";

/** No machine takes so long: what is not there by then never will be. */
const DEADLINE_MS = 300_000;

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
        args: BROWSER_FLAGS,
        timeout: DEADLINE_MS,
      });
      try {
        await run(async (options = {}) => {
          const context = await browser.newContext(options);
          context.setDefaultTimeout(DEADLINE_MS);
          return await context.newPage();
        });
      } finally {
        await browser.close();
      }
    },
  });
}
