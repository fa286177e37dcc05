/**
 * `npm run screenshot`: takes the documents' pictures of the status page, of a stack of its own to which `npm run simulate`
 * has delivered. It calls what a user calls, so that a picture is what a user sees.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { defineCommand } from "./command/command.ts";
import { BROWSER_FLAGS, findBrowser } from "./dashboard/browser.ts";
import { startTemporaryStack } from "./temporary_stack.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = ".github";
const SCHEMES = ["light", "dark"] as const;

/** As much of the page as makes a small file. */
const SIZE = { width: 1160, height: 540 };

/** Long enough for the page to have everything, and for its delays to have settled. */
const PAUSE_MS = 3_000;

/** What is delivered: a crowd that stays, the story of a first trial, and what a rule of the app's refuses. */
const CROWD = "user.created,organization.created,organizationMembership.created,session.created";
const WELL = [["--type", CROWD, "--repeat", "12", "--concurrency", "4"], []];
const REFUSED = [["--type", "user.created", "--repeat", "71", "--concurrency", "4"]];
const RULE = "alter table public.users add constraint email_is_of_the_company " +
  "check (email like '%@company.example') not valid";

export default defineCommand({
  name: "screenshot",
  group: "develop",
  summary: "takes the documents' pictures of the status page anew",
  description:
    `Starts a stack of its own, delivers sample events, and takes pictures of its status page, light and
dark, into ${FOLDER}: status-page-….png while all is well, and failing-….png while a rule refuses
events. It needs Chromium on the PATH, which npm does not install.`,
  examples: [["", ""]],
  options: (command) => command,
  notes: "Exit code: 0 the pictures are taken, 1 there is no Chromium, 2 wrong usage.",
  async run(_, { signal }) {
    const executablePath = findBrowser();
    if (executablePath === null) {
      console.error("No browser is on the PATH: install Chromium, as by apt-get install chromium.");
      return 1;
    }
    await using stack = await startTemporaryStack();
    const { API_URL, SECRET_KEY, WEBHOOK_URL, CLERK_WEBHOOK_SECRET, DB_URL } = stack.env;
    const env = { SUPABASE_URL: API_URL, SUPABASE_SECRET_KEY: SECRET_KEY };
    const dashboard = npm("dashboard", ["--port", "0"], env).spawn();
    try {
      const url = await urlIn(dashboard.stdout);
      const simulate = (args: string[]) =>
        npm("simulate", args, { WEBHOOK_URL, CLERK_WEBHOOK_SECRET }).output();
      for (const args of WELL) {
        if (!(await simulate(args)).success) throw new Error("npm run simulate failed");
      }
      signal.throwIfAborted();
      await takePictures(executablePath, { url, word: "ok", name: "status-page" });

      const sql = postgres(DB_URL, { max: 1 });
      await sql.unsafe(RULE);
      await sql.end();
      for (const args of REFUSED) await simulate(args);
      signal.throwIfAborted();
      await takePictures(executablePath, { url, word: "failing", name: "failing" });
    } finally {
      dashboard.kill("SIGINT");
      await dashboard.status;
    }
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

/** What is to be seen. */
interface View {
  url: string;
  /** The page's, which is waited for. */
  word: string;
  name: string;
}

async function takePictures(executablePath: string, { url, word, name }: View): Promise<void> {
  // Here alone: every command is loaded for `clerk-sync --help`, and this library looks around when it is.
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS });
  try {
    for (const colorScheme of SCHEMES) {
      const page = await browser.newPage({ viewport: SIZE, colorScheme });
      await page.goto(url);
      await page.locator("#word", { hasText: word }).waitFor();
      await page.waitForTimeout(PAUSE_MS);
      const path = `${FOLDER}/${name}-${colorScheme}.png`;
      await page.screenshot({ path: join(ROOT, path) });
      const { size } = await Deno.stat(join(ROOT, path));
      console.log(`${path}  ${Math.ceil(size / 1000)} kB`);
    }
  } finally {
    await browser.close();
  }
}
