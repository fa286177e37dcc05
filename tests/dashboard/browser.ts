import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { BROWSER_FLAGS, findBrowser } from "../../scripts/dashboard/browser.ts";

/** No machine takes so long: what is not there by then never will be. */
const DEADLINE_MS = 300_000;

/** A new page in a browser of the test's own. */
export type Open = (options?: BrowserContextOptions) => Promise<Page>;

const executablePath = findBrowser();

/** One for the tests of a file, each with a context of its own. */
let browser: Promise<Browser> | undefined;
let testsLeft = 0;

/** A test in a real browser; reported as skipped where the system has none. */
export function browserTest(name: string, run: (open: Open) => Promise<void>): void {
  testsLeft++;
  Deno.test({
    name,
    ignore: executablePath === null,
    // What playwright-core leaves open is not this project's.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      browser ??= chromium.launch({
        executablePath: executablePath!,
        args: BROWSER_FLAGS,
        timeout: DEADLINE_MS,
      });
      const contexts: BrowserContext[] = [];
      try {
        await run(async (options = {}) => {
          const context = await (await browser!).newContext(options);
          contexts.push(context);
          context.setDefaultTimeout(DEADLINE_MS);
          return await context.newPage();
        });
      } finally {
        for (const context of contexts) await context.close();
        if (--testsLeft === 0) await (await browser).close();
      }
    },
  });
}
