/** How deliveries went to the database: by themselves, and in pages of several. */
export type Calls = Record<"alone" | "page", { calls: number; deliveries: number }>;

const SAMPLE = /^clerk_webhook_(calls|called_deliveries)_total\{kind="(alone|page)"\} (\d+)$/gm;

/**
 * What the function has counted since it started, out of its metrics. The record of one that failed and a further try count as
 * well. null where that can't be told: no answer, another key, an older function.
 */
export async function readCalls(webhookUrl: string, secretKey: string): Promise<Calls | null> {
  const text = await fetch(`${webhookUrl}/metrics`, { headers: { apikey: secretKey } })
    .then((response) => response.text(), () => "");
  const samples = [...text.matchAll(SAMPLE)];
  if (samples.length === 0) return null;
  const calls = { alone: { calls: 0, deliveries: 0 }, page: { calls: 0, deliveries: 0 } };
  for (const [, what, kind, value] of samples) {
    calls[kind as keyof Calls][what === "calls" ? "calls" : "deliveries"] = Number(value);
  }
  return calls;
}

/** What was counted in between. */
export function callsSince(before: Calls, after: Calls): Calls {
  const grown = (kind: keyof Calls) => ({
    calls: after[kind].calls - before[kind].calls,
    deliveries: after[kind].deliveries - before[kind].deliveries,
  });
  return { alone: grown("alone"), page: grown("page") };
}
