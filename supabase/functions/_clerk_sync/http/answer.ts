import type { LogFields } from "../log.ts";

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
