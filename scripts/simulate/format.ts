import { printable, printableJson } from "../command/printable.ts";
import type { DeliveryResult, Summary } from "./run.ts";
import type { Target } from "./target.ts";

/** How a run ended, and what repeats it. */
interface RunEnd {
  planned: number;
  seed: string;
  interrupted: boolean;
}

const TYPE_WIDTH = "subscriptionItem.freeTrialEnding".length;
const OUTCOME_WIDTH = "connection_refused".length;

/** One delivery as one line for people, without its id where the width has no room for it. */
export function formatLine(result: DeliveryResult, isColored: boolean, width = Infinity): string {
  const paint = (text: string) => isColored ? `\x1b[${result.ok ? 32 : 31}m${text}\x1b[0m` : text;
  const ms = `${Math.round(result.ms)} ms`.padStart(8);
  const taken = TYPE_WIDTH + OUTCOME_WIDTH + ms.length + "  200    ".length;
  return [
    printable(result.type, 80).padEnd(TYPE_WIDTH),
    paint(statusText(result.status)),
    paint((result.outcome ?? "-").padEnd(OUTCOME_WIDTH)),
    ms,
    ...taken + 2 + result.id.length > width ? [] : [result.id],
  ].join("  ");
}

/** The end of a run for people, of several lines; of a single delivery its own line has told all but the seed. */
export function formatSummary(summary: Summary, end: RunEnd): string {
  if (end.planned === 1 && !end.interrupted) return `  seed ${printable(end.seed, 80)}`;
  const { deliveries, ms } = summary;
  const [p50, p95, max] = [ms.p50, ms.p95, ms.max].map(Math.round);
  const of = deliveries === end.planned ? "" : ` of ${end.planned}`;
  const seconds = (summary.elapsedMs / 1000).toFixed(1);
  return [
    `${deliveries}${of} ${end.planned === 1 ? "delivery" : "deliveries"} in ${seconds} s, ` +
    `${summary.perSecond.toFixed(1)}/s${end.interrupted ? ", interrupted" : ""}`,
    ...summary.counts.map(({ status, outcome, count }) =>
      `  ${statusText(status)}  ${(outcome ?? "-").padEnd(OUTCOME_WIDTH)}  ${count}`
    ),
    `  p50 ${p50} ms, p95 ${p95} ms, max ${max} ms`,
    `  seed ${printable(end.seed, 80)}`,
  ].join("\n");
}

/** One delivery as one line of JSON. */
export function deliveryJson(result: DeliveryResult): string {
  const { type, id, ok, status, outcome, ms } = result;
  return printableJson({
    type: "delivery",
    event_type: type,
    event_id: id,
    ok,
    status,
    outcome,
    ms: rounded(ms),
  });
}

/** The end of a run as one line of JSON. */
export function summaryJson(summary: Summary, end: RunEnd): string {
  const { deliveries, ok, failed, counts, ms, elapsedMs, perSecond } = summary;
  return printableJson({
    type: "summary",
    planned: end.planned,
    deliveries,
    ok,
    failed,
    counts,
    ms: { p50: rounded(ms.p50), p95: rounded(ms.p95), max: rounded(ms.max) },
    elapsed_ms: rounded(elapsedMs),
    per_second: rounded(perSecond),
    seed: end.seed,
    interrupted: end.interrupted,
  });
}

function statusText(status: number | null): string {
  return status === null ? "---" : String(status);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Where to see what came of it: the page of the local stack, and a query to try; nothing for another webhook. */
export function placesToLook(
  { url }: Pick<Target, "url">,
  { path, values }: { path: string; values: Record<string, string | undefined> },
): string[] {
  if (url.href !== values.WEBHOOK_URL) return [];
  const page = values.STATUS_PAGE_URL;
  // sh looks for a name without a slash on its PATH.
  const file = /^(\.\.)?\//.test(path) ? path : `./${path}`;
  return [
    "",
    ...page ? [`Look at ${page}, or ask for the members:`] : ["Ask for the members:"],
    `  ( . ${file}; curl -H "apikey: $SECRET_KEY" "$API_URL/rest/v1/\\`,
    "organization_members?select=role,users(full_name),organizations(name)\\",
    '&order=joined_at.desc&limit=3" )',
  ];
}

/** What the answers say about the set-up, for people: one sentence each, none when all is well. */
export function hintsFor({ counts }: Summary, { url, secretSource }: Target): string[] {
  const hasAnswer = (status: number | null, outcome: RegExp) =>
    counts.some((entry) => entry.status === status && outcome.test(entry.outcome ?? ""));
  const hints: string[] = [];
  if (hasAnswer(null, /^(connection_refused|unreachable)$/)) {
    hints.push(`Nothing answers at ${url.host}. Is it running? \`npm start\` is the local stack.`);
  }
  if (hasAnswer(401, /^invalid_signature$/)) {
    hints.push(`invalid_signature: the function has another secret than that of ${secretSource}.`);
  }
  // Supabase's gateway answers in words of its own: a bare number or capitals.
  if (hasAnswer(401, /^$|^[A-Z]/)) {
    hints.push("401 not from the function but from before it: deploy it with verify_jwt = false.");
  }
  if (hasAnswer(404, /^$|^[A-Z]/)) hints.push(`404: ${url.host} has no such function.`);
  if (hasAnswer(422, /./)) {
    hints.push("422: signed, but not what Clerk sends; `npm run events` names the field.");
  }
  if (hasAnswer(503, /^unavailable$/)) {
    hints.push(
      "503: the database does not answer, or something of yours refuses; `npm run events` says " +
        "what, `npm run doctor` looks at the rest. Svix would deliver it again.",
    );
  }
  return hints;
}
