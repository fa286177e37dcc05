import { type NoAnswer, noAnswerOf, readText, wordOf } from "../simulate/delivery.ts";
import { failure, type Finding, Trouble, warning } from "./check.ts";

/** Why there was no answer. */
type Silence = NoAnswer | "unknown_host" | "bad_certificate";

/** What came back for one request. `word` is the fixed word of the answer's body, where it has one. */
export type Reply = Answered | { kind: "unanswered"; reason: Silence };

type Answered = {
  kind: "answered";
  status: number;
  headers: Headers;
  text: string;
  word: string | null;
};

/** Sends one request. Never throws, and follows no redirect, like Svix. */
export type Ask = (url: string | URL, init?: RequestInit) => Promise<Reply>;

/** How requests are sent. */
interface AskOptions {
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

const SILENCE: Record<Silence, [string, string]> = {
  connection_refused: ["nothing listens there", "Start it (`npm start`), or correct the URL."],
  unreachable: ["it can't be reached", "Correct the URL; look at firewalls and at the tunnel."],
  unknown_host: ["there is no such host", "Correct the URL: the project ref may be mistyped."],
  bad_certificate: [
    "its certificate is not valid",
    "Use a host whose certificate is: Clerk refuses others.",
  ],
  connection_closed: [
    "it closes the connection without an answer",
    "Look into the function's log.",
  ],
  timeout: ["it does not answer in time", "Look into the function's log; Svix waits 15 s at most."],
  interrupted: ["the request was broken off", "Run it again."],
};

/** Whatever an address answers that is not the function; null when it may be the function. */
export function troubleOf(reply: Reply): Finding | null {
  if (reply.kind === "unanswered") {
    const [detail, fix] = SILENCE[reply.reason];
    return failure(detail, fix);
  }
  const { status, word } = reply;
  if (status >= 300 && status < 400) {
    return failure(
      `it redirects (${status})`,
      "Use the address it leads to: Svix follows no redirect.",
    );
  }
  if (status === 404) {
    return failure(
      "404: there is no such function",
      "npx supabase functions deploy clerk-webhook; the URL ends with /functions/v1/clerk-webhook.",
    );
  }
  if ((status === 401 || status === 403) && word !== "invalid_signature") {
    return failure(
      `${status} from before the function`,
      "Deploy it with verify_jwt = false, as supabase/config.toml has it.",
    );
  }
  if (word === "misconfigured") {
    return failure(
      "500 misconfigured: the function lacks a variable",
      "npx supabase secrets set CLERK_WEBHOOK_SECRET=…; the function's log names what is missing.",
    );
  }
  if (status === 429) return warning("429: it is busy or limits the rate", "Run it again later.");
  if (status >= 500) {
    return failure(`${status}${word ? ` ${word}` : ""}`, "Look into the function's log.");
  }
  return null;
}

/** Ends the check with what is wrong, unless it may be the function that answered. */
export function assertFunction(reply: Reply): asserts reply is Answered {
  const finding = troubleOf(reply);
  if (finding) throw new Trouble(finding);
}

/** Whether an answer says that too much has come: at once, or in vain from this address. */
export function isLimited(reply: Reply): boolean {
  return reply.kind === "answered" && reply.status === 429;
}
