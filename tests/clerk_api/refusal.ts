/** An answer in Clerk's form of errors. */
export class Refusal extends Error {
  override name = "Refusal";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly longMessage: string = message,
    readonly meta: Record<string, unknown> = {},
  ) {
    super(message);
  }

  toResponse(headers: HeadersInit = {}): Response {
    const { code, message, longMessage: long_message, meta } = this;
    const clerk_trace_id = crypto.randomUUID().replaceAll("-", "");
    const body = { errors: [{ message, long_message, code, meta }], clerk_trace_id };
    return Response.json(body, { status: this.status, headers });
  }
}

/** 404 for an id that nothing has. */
export function notFound(kind: string, id: string): Refusal {
  const text = `No ${kind} was found with id ${id}`;
  return new Refusal(404, "resource_not_found", "not found", text);
}

/** 403 while the instance has organizations switched off. */
export function organizationsOff(): Refusal {
  const text = "The organizations feature is not enabled for this instance. " +
    "You can enable it at https://dashboard.clerk.com.";
  return new Refusal(403, "organization_not_enabled_in_instance", "access denied", text);
}

/** While the instance has Billing switched off: 403 that says so, or 404 as for anything that there is not. */
export function billingOff(status: 403 | 404): Refusal {
  if (status === 404) return notFound("subscription", "this instance");
  const text = "Billing is not enabled for this instance.";
  return new Refusal(403, "billing_not_enabled", "access denied", text);
}

/** 422 for a parameter with a value that Clerk does not take. */
export function invalidParameter(name: string, rule: string): Refusal {
  const text = `${name} ${rule}`;
  return new Refusal(422, "form_param_value_invalid", text, `${text}.`, { param_name: name });
}

/** 429, as by a rate limit. */
export function tooManyRequests(retryAfterSeconds: number | null): Response {
  const text = "Too many requests. Please try again in a bit.";
  const refusal = new Refusal(429, "too_many_requests", "Too many requests", text);
  const wait = retryAfterSeconds === null ? {} : { "Retry-After": String(retryAfterSeconds) };
  return refusal.toResponse(wait);
}
