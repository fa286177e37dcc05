/**
 * `npm run screenshot`: takes the README's picture of the status page, of a stack of its own to which `npm run simulate` has
 * delivered. It calls what a user calls, so that the picture is what a user sees.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineCommand } from "./command/command.ts";
import { BROWSER_FLAGS, findBrowser } from "./dashboard/browser.ts";
import { startTemporaryStack } from "./temporary_stack.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PICTURE = ".github/status-page.png";

/** As much of the page as makes a small file. */
const SIZE = { width: 960, height: 630 };

/** Long enough for the page to have everything, and for its delays to have settled. */
const PAUSE_MS = 3_000;

/** What is delivered: a crowd that stays, and the story of a first trial. */
const CROWD = "user.created,organization.created,organizationMembership.created,session.created";
const DELIVERIES = [
  ["--type", CROWD, "--repeat", "12", "--concurrency", "4"],
  [],
];

export default defineCommand({
  name: "screenshot",
  group: "develop",
  summary: "takes the README's picture of the status page anew",
  description:
    `Starts a stack of its own, delivers sample events, and takes the README's picture of its status page,
${PICTURE}. It needs Chromium on the PATH, which npm does not install.`,
  examples: [["", ""]],
  options: (command) => command,
  notes: "Exit code: 0 the picture is taken, 1 there is no Chromium, 2 wrong usage.",
  async run(_, { signal }) {
    const executablePath = findBrowser();
    if (executablePath === null) {
      console.error("No browser is on the PATH: install Chromium, as by apt-get install chromium.");
      return 1;
    }
    await using stack = await startTemporaryStack();
    const { API_URL, SECRET_KEY, WEBHOOK_URL, CLERK_WEBHOOK_SECRET } = stack.env;
    for (const args of DELIVERIES) {
      const simulate = npm("simulate", args, { WEBHOOK_URL, CLERK_WEBHOOK_SECRET });
      const { success } = await simulate.output();
      signal.throwIfAborted();
      if (!success) throw new Error("npm run simulate failed");
    }
    const env = { SUPABASE_URL: API_URL, SUPABASE_SECRET_KEY: SECRET_KEY };
    const dashboard = npm("dashboard", ["--port", "0"], env).spawn();
    try {
      await takePicture(executablePath, await urlIn(dashboard.stdout));
    } finally {
      dashboard.kill("SIGINT");
      await dashboard.status;
    }
    const { size } = await Deno.stat(join(ROOT, PICTURE));
    console.log(`${PICTURE}  ${Math.ceil(size / 1000)} kB`);
    return 0;
  },
});

/** A command, as npm calls it. */
function npm(name: string, args: string[], env: Record<string, string>): Deno.Command {
  const options = { cwd: ROOT, env, stdout: "piped", stderr: "inherit" } as const;
  return new Deno.Command("npm", { args: ["run", "--silent", name, "--", ...args], ...options });
}

/** The first address in what a command prints. */
async function urlIn(stdout: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (
    const part of stdout.pipeThrough(new TextDecoderStream()).values({ preventCancel: true })
  ) {
    text += part;
    const [url] = /http:\/\/\S+/.exec(text) ?? [];
    if (url) return url;
  }
  throw new Error("the status page did not start");
}

async function takePicture(executablePath: string, url: string): Promise<void> {
  // Here alone: every command is loaded for `clerk-sync --help`, and this library looks around when it is.
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS });
  try {
    const page = await browser.newPage({ viewport: SIZE });
    await page.goto(url);
    await page.locator("#word", { hasText: "ok" }).waitFor();
    await page.waitForTimeout(PAUSE_MS);
    await page.screenshot({ path: join(ROOT, PICTURE) });
  } finally {
    await browser.close();
  }
}
