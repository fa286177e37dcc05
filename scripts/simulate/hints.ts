import type { Target } from "./target.ts";
import type { Summary } from "./tally.ts";

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
  return hints;
}
