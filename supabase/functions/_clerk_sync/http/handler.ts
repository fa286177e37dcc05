import type { Log, LogLevel } from "../log.ts";
import { type Answer, tooManyRequests, toResponse } from "./answer.ts";

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
