import { deepEqual, equal, match } from "node:assert/strict";
import { lackIn, readable } from "../../scripts/stack/log_file.ts";
import { terminalReport } from "../../scripts/stack/report.ts";

/** A report, and the lines that a terminal shows of it. */
function watched(isWatched: boolean) {
  let written = "";
  const report = terminalReport(isWatched, {
    print: (text) => written += text,
    printLine: (text) => written += `${text}\n`,
  });
  const shown = () => written.split("\n").map((line) => line.split("\r\x1b[2K").at(-1)!);
  return { report, shown };
}

Deno.test("a watched terminal shows what is under way below what is done", () => {
  const { report, shown } = watched(true);
  const isDatabaseUp = report.begin("PostgreSQL");
  match(shown().at(-1)!, /^ {2}PostgreSQL … \d+\.\d s$/);
  report.line("said");
  const isFunctionUp = report.begin("function", "clerk-webhook");
  equal(shown()[0], "said");
  match(shown()[1]!, /^ {2}PostgreSQL, clerk-webhook … /);
  isDatabaseUp("17.10");
  isFunctionUp("/functions/v1/clerk-webhook");
  const [, database, webhook, last] = shown();
  match(database!, /^ {2}PostgreSQL {2,}\d+\.\d s {2}17\.10$/);
  match(webhook!, /^ {2}function {2,}\d+\.\d s {2}\/functions\/v1\/clerk-webhook$/);
  equal(last, "");
});

Deno.test("what is under way when a start fails is not left on the screen", () => {
  const { report, shown } = watched(true);
  report.begin("PostgreSQL");
  report.end();
  deepEqual(shown(), [""]);
});

Deno.test("where nobody watches there are lines alone", () => {
  const { report, shown } = watched(false);
  const isUp = report.begin("PostgreSQL");
  deepEqual(shown(), [""]);
  isUp("17.10");
  equal(shown().length, 2);
});

Deno.test("a line that a function logs as JSON is told in words, any other as it is", () => {
  const entry = { time: "x", level: "info", message: "delivery", status: 200, list: [1], ms: 3 };
  equal(readable(JSON.stringify(entry)), "delivery  200  [1]  3 ms");
  equal(readable('{"level":"warn","message":"late"}'), "warn  late");
  for (const line of ["hello", "{broken", "null", "1", "{}"]) equal(readable(line), line);
});

Deno.test("what a function lacks is read out of its log", () => {
  const line = {
    level: "error",
    message: "misconfigured",
    problems: "CLERK_SECRET_KEY is not set",
  };
  equal(lackIn(JSON.stringify(line)), "CLERK_SECRET_KEY is not set");
  for (const other of ['{"message":"delivery"}', "null", "misconfigured"]) {
    equal(lackIn(other), null);
  }
});
