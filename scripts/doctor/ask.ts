import { type NoAnswer, noAnswerOf, readText, wordOf } from "../simulate/delivery.ts";

/** Why there was no answer. */
export type Silence = NoAnswer | "unknown_host" | "bad_certificate";

/** What came back for one request. `word` is the fixed word of the answer's body, where it has one. */
export type Reply =
  | { kind: "answered"; status: number; headers: Headers; text: string; word: string | null }
  | { kind: "unanswered"; reason: Silence };

/** Sends one request. Never throws, and follows no redirect, like Svix. */
export type Ask = (url: string | URL, init?: RequestInit) => Promise<Reply>;

/** How requests are sent. */
export interface AskOptions {
  fetch: typeof fetch;
  timeoutMs: number;
  now: () => Date;
  /** Told how far the clock of each answer is ahead of ours, in seconds. */
  onClock: (skewSeconds: number) => void;
}

/** Makes an Ask, every request of which is bounded. */
export function createAsk({ fetch, timeoutMs, now, onClock }: AskOptions): Ask {
  return async (url, init = {}) => {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), timeoutMs);
    try {
      const response = await fetch(url, { ...init, redirect: "manual", signal: timeout.signal });
      const at = Date.parse(response.headers.get("date") ?? "");
      if (!Number.isNaN(at)) onClock((at - now().getTime()) / 1000);
      const text = await readText(response);
      const { status, headers } = response;
      return { kind: "answered", status, headers, text, word: wordOf(text) };
    } catch (error) {
      return { kind: "unanswered", reason: timeout.signal.aborted ? "timeout" : silenceOf(error) };
    } finally {
      clearTimeout(timer);
    }
  };
}

/** The runtime tells these apart in the message only. */
function silenceOf(error: unknown): Silence {
  const { message, cause } = error as Error;
  const text = `${message} ${cause instanceof Error ? cause.message : ""}`;
  if (/certificate|tls/i.test(text)) return "bad_certificate";
  if (/dns error|failed to lookup|not known/i.test(text)) return "unknown_host";
  return noAnswerOf(error);
}
