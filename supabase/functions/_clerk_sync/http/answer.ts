import type { Log, LogFields, LogLevel } from "../log.ts";

/** The answer to one request: few words for who asked, more for the log. */
export interface Answer {
  status: number;
  /** JSON; a string is sent as plain text. */
  body: object | string;
  headers?: Record<string, string>;
  log: LogFields;
}

/** 200 with one word. */
export function accepted(outcome: string, log: LogFields): Answer {
  return { status: 200, body: { outcome }, log: { outcome, ...log } };
}

/** Any other status. The word is fixed: nothing is told of why. */
export function refused(
  status: number,
  error: string,
  log: LogFields = {},
  headers: Record<string, string> = {},
): Answer {
  return { status, body: { error }, headers, log: { error, ...log } };
}

/** 429, and when to come back. */
export function tooManyRequests(seconds: number, log: LogFields = {}): Answer {
  return refused(429, "too_many_requests", log, { "retry-after": String(seconds) });
}

/** The answer as HTTP. */
export function toResponse({ status, body, headers = {} }: Answer): Response {
  if (typeof body === "string") return new Response(body, { status, headers });
  return Response.json(body, { status, headers });
}

/** What a function does with its requests. */
export interface HandlerOptions {
  /** What its log lines are about. */
  message: string;
  /** Requests held at once by one process: bounds its memory. */
  inFlightLimit: number;
  answerTo: (request: Request) => Promise<Answer>;
  /** Told each answer. */
  onAnswer?: (answer: Answer) => void;
  log: Log;
}

/** A Request in, a Response out, one log line written: status, word, what the answer tells the log, milliseconds. */
export function createHandler(
  { message, inFlightLimit, answerTo, onAnswer, log }: HandlerOptions,
): (request: Request) => Promise<Response> {
  let inFlight = 0;

  return async (request) => {
    const startedAt = performance.now();
    inFlight++;
    try {
      const answer = inFlight > inFlightLimit ? tooManyRequests(5) : await answerTo(request);
      onAnswer?.(answer);
      const ms = Math.round(performance.now() - startedAt);
      log(levelOf(answer.status), message, { status: answer.status, ...answer.log, ms });
      return toResponse(answer);
    } finally {
      inFlight--;
    }
  };
}

function levelOf(status: number): LogLevel {
  if (status >= 500) return "error";
  return status >= 400 ? "warn" : "info";
}
