import { dirname } from "node:path";
import { defineCommand } from "./command/command.ts";
import { stackOption, wholeNumber } from "./command/options.ts";
import { runStack } from "./stack/run_stack.ts";

const ROOT = dirname(import.meta.dirname!);

const port = (name: string) => wholeNumber(name, 0, 65_535);

export default defineCommand({
  name: "start",
  group: "start",
  summary: "the local stack: PostgreSQL, Data API, functions, status page",
  description:
    `Starts PostgreSQL, applies the migrations, and serves the Data API, the functions and a
status page on the ports of supabase start, until Ctrl-C. Data are kept between runs. Of a project
of yours, to which add gave ours, it applies all migrations and serves all functions.`,
  examples: [
    ["", "the stack of this project"],
    ["--project ../my-app", "of one that has the sync by add"],
    ["--fresh", "begins with an empty database and new keys"],
    ["--api-port 0 --db-port 0 --data-dir /tmp/second", "another one beside it"],
  ],
  options: (command) =>
    stackOption(command)
      .option("--api-port <port>", "of the API and the functions", port("api-port"))
      .option("--db-port <port>", "of PostgreSQL", port("db-port"))
      .option("--dashboard-port <port>", "of the status page", port("dashboard-port"))
      .option("--fresh", "delete all local data first", false),
  notes:
    `Ports are those of config.toml, and 54323 for the status page, which takes a free one where that
is taken; 0 is any free one.

Exit code: 0 stopped by Ctrl-C, 1 it does not start, 2 wrong usage.`,
  run: ({ project = ROOT, ...options }, { signal }) => runStack(project, options, signal),
});
