import process from "node:process";
import { createClerkApi } from "../supabase/functions/_clerk_sync/clerk/api.ts";
import { defineCommand } from "./command/command.ts";
import { readFunctionEnv, readStackFile } from "./command/env_file.ts";
import { projectOptions, wholeNumber } from "./command/options.ts";
import { widthOf } from "./command/terminal.ts";
import { createAsk } from "./doctor/ask.ts";
import { CHECKS } from "./doctor/checks.ts";
import { readExpected } from "./doctor/expected.ts";
import { formatResult, formatSummary, reportJson, run } from "./doctor/run.ts";
import { dataApi } from "./doctor/project.ts";
import { resolveTarget } from "./doctor/target.ts";

/** A check may send several requests. */
const REQUESTS_PER_CHECK = 3;

/** Asked with no key, for there is no project. */
const NOWHERE = new URL("http://127.0.0.1:9");

export default defineCommand({
  name: "doctor",
  group: "start",
  summary: "examines the webhook, the project and how the sync is doing",
  description:
    `Examines the webhook, the project and how the sync is doing: the production checklist, each
line ok, a warning or a failure with its remedy.`,
  examples: [
    ["", "the local stack"],
    ["--url https://<project ref>.supabase.co", "a hosted project"],
  ],
  options: (command) =>
    projectOptions(command)
      .option("--webhook-url <url>", "else WEBHOOK_URL, else the project's clerk-webhook")
      .option("--timeout <seconds>", "of one request, to 60", wholeNumber("timeout", 1, 60), 10)
      .option("--json", "one JSON object", false),
  notes: `Secrets come from the environment, never from an option, and are never shown:
  SUPABASE_SECRET_KEY       or SUPABASE_SERVICE_ROLE_KEY
  SUPABASE_PUBLISHABLE_KEY  or SUPABASE_ANON_KEY: to see that it opens nothing
  CLERK_WEBHOOK_SECRET      or CLERK_WEBHOOK_SIGNING_SECRET
  CLERK_SECRET_KEY          when set, whether it is of the instance that the project follows

It writes one row to the ledger, an event of the type doctor.ping, the same one each time.

Exit code: 0 no failure (warnings may be), 1 a failure, 2 wrong usage, 130 interrupted.`,
  async run({ url, schema, webhookUrl, project, dataDir, timeout, json }, { signal }) {
    const target = resolveTarget({
      options: { url, webhookUrl, schema },
      env: Deno.env.toObject(),
      stack: await readStackFile(dataDir),
      functionEnv: await readFunctionEnv(project),
    });
    console.error(`Of ${target.projectUrl?.host ?? "no project"}, by what ${target.source} says`);

    const skews: number[] = [];
    const timeoutMs = timeout * 1_000;
    const now = () => new Date();
    const ask = createAsk({ fetch, timeoutMs, now, onClock: (skew) => skews.push(skew) });
    const { projectUrl, secretKey, publishableKey } = target;
    const isTerminal = Deno.stdout.isTerminal();
    const style = {
      isTerminal,
      isColored: isTerminal && !Deno.noColor,
      width: widthOf(process.stdout),
    };
    const results = await run({
      checks: CHECKS,
      context: {
        target,
        ask,
        project: dataApi(ask, projectUrl ?? NOWHERE, secretKey?.text ?? "", target.schema),
        anonymous: projectUrl && publishableKey
          ? dataApi(ask, projectUrl, publishableKey, target.schema)
          : null,
        expected: readExpected(),
        skews,
        now,
        createClerk: createClerkApi,
        timeoutMs,
      },
      checkTimeoutMs: timeoutMs * REQUESTS_PER_CHECK,
      signal,
      onResult(result) {
        if (!json) console.log(formatResult(result, style));
      },
    });

    const hasFailed = results.some(({ level }) => level === "failure");
    const exitCode = signal.aborted ? 130 : hasFailed ? 1 : 0;
    console.log(
      json ? reportJson(results, target.source, exitCode) : `\n${formatSummary(results)}`,
    );
    return exitCode;
  },
});
