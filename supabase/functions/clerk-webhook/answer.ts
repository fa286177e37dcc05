import type { LogFields } from "../_shared/log.ts";

/** The answer to one delivery: one word for the sender, more for the log. */
export interface Answer {
  status: number;
  body: { outcome: string } | { error: string };
  headers?: Record<string, string>;
  log?: LogFields;
}

/** 200: Svix is done with this event. */
export function accepted(outcome: string, log: LogFields): Answer {
  return { status: 200, body: { outcome }, log };
}

/**
 * 422: the event will never be applied, so Svix is told not to try again:
 * https://docs.svix.com/receiving/delivery-control
 */
export function rejected(log: LogFields): Answer {
  return {
    status: 422,
    body: { error: "rejected" },
    headers: { "webhook-delivery": "abort-message" },
    log,
  };
}

/** Any other status: Svix tries again. The word is fixed: nothing is told of why. */
export function refused(
  status: number,
  word: string,
  log: LogFields = {},
  headers: Record<string, string> = {},
): Answer {
  return { status, body: { error: word }, headers, log };
}

/** The answer as HTTP. */
export function toResponse({ status, body, headers = {} }: Answer): Response {
  return Response.json(body, { status, headers });
}
