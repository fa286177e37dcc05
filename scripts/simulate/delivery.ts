import { Buffer } from "node:buffer";
import { Webhook } from "svix";

/** How long Svix waits for an answer. */
const ANSWER_TIMEOUT_MS = 15_000;

/** More of an answer than this is not read: the contract's answers are a few words long. */
const ANSWER_LIMIT_BYTES = 64 * 1024;

/** What identifies and signs one delivery attempt. */
interface DeliveryInput {
  /** The svix-id: the same on every attempt of one event. */
  id: string;
  /** The raw body. Bytes go out as they are; they are signed as UTF-8 text, as svix does. */
  body: string | Uint8Array<ArrayBuffer>;
  /** `whsec_…`. */
  secret: string;
  /** Time of this attempt: a retry is signed anew. */
  at: Date;
}

/** One HTTP request's worth of webhook. */
export interface SignedDelivery {
  headers: Record<string, string>;
  body: string | Uint8Array<ArrayBuffer>;
}

/** Why there was no answer. */
export type NoAnswer =
  | "connection_refused"
  | "unreachable"
  | "connection_closed"
  | "timeout"
  | "interrupted";

/** What came back for one delivery. `word` is the fixed word of the answer's body, where it has one. */
export type Answer =
  | { kind: "answered"; status: number; word: string | null; ms: number }
  | { kind: "unanswered"; reason: NoAnswer; ms: number };

/** An answer as `503 unavailable`, or why there was none. */
export function said(answer: Answer): string {
  return answer.kind === "answered" ? `${answer.status} ${answer.word}` : answer.reason;
}

/** Where a delivery goes and how long to wait. */
interface SendOptions {
  url: string | URL;
  timeoutMs?: number;
  /** Ends the wait early; the answer is then `interrupted`. */
  signal?: AbortSignal;
}

/** Signs one delivery attempt the way Svix does. Throws when the secret is malformed. */
export function signDelivery({ id, body, secret, at }: DeliveryInput): SignedDelivery {
  const text = typeof body === "string" ? body : Buffer.from(body).toString();
  return {
    headers: {
      "content-type": "application/json",
      "user-agent": "clerk-supabase-sync simulate",
      "svix-id": id,
      "svix-timestamp": String(Math.floor(at.getTime() / 1000)),
      "svix-signature": new Webhook(secret).sign(id, at, text),
    },
    body,
  };
}

/** Posts a delivery and waits for the whole answer. Never throws; like Svix it follows no redirect. */
export async function send(
  delivery: SignedDelivery,
  { url, timeoutMs = ANSWER_TIMEOUT_MS, signal }: SendOptions,
): Promise<Answer> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: delivery.headers,
      body: delivery.body,
      redirect: "manual",
      signal: signal ? AbortSignal.any([timeout.signal, signal]) : timeout.signal,
    });
    const word = wordOf(await readText(response));
    return { kind: "answered", status: response.status, word, ms: elapsed() };
  } catch (error) {
    const reason = timeout.signal.aborted
      ? "timeout"
      : signal?.aborted
      ? "interrupted"
      : noAnswerOf(error);
    return { kind: "unanswered", reason, ms: elapsed() };
  } finally {
    clearTimeout(timer);
  }
}

/** As much of an answer's text as is ever needed. */
export async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    size += chunk.byteLength;
    if (size > ANSWER_LIMIT_BYTES) break;
  }
  return text;
}

/** `{outcome}` and `{error}` are this project's answers, `{code}` the gateway's in front of a deployed function. */
export function wordOf(text: string): string | null {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof answer !== "object" || answer === null) return null;
  const { outcome, error, code } = answer as Record<string, unknown>;
  const word = outcome ?? error ?? code;
  // Printed on a terminal and counted by: a word, never free text.
  return typeof word === "string" && /^\w{1,40}$/.test(word) ? word : null;
}

/** The runtime tells these apart in the message only. */
export function noAnswerOf(error: unknown): NoAnswer {
  const { message, cause } = error as Error;
  const text = `${message} ${cause instanceof Error ? cause.message : ""}`;
  if (/connection refused/i.test(text)) return "connection_refused";
  if (/\(Connect\)|blocked/.test(text)) return "unreachable";
  return "connection_closed";
}
