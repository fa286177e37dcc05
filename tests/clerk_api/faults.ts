import { setTimeout as delay } from "node:timers/promises";
import { Refusal, tooManyRequests } from "./refusal.ts";

/** What can go wrong between Clerk and the one who asks. `slow` answers well in the end; `hang` never. */
export type Fault =
  | { kind: "rate_limited"; retryAfterSeconds: number | null }
  | { kind: "server_error"; status: 500 | 502 | 503 }
  | { kind: "slow"; ms: number }
  | { kind: "hang" }
  /** The connection ends in the middle of the answer. */
  | { kind: "cut_off" }
  /** 200, and a page of some proxy. */
  | { kind: "html" }
  /** 200 and `application/json`, but no JSON. */
  | { kind: "broken_json" }
  /** 200 and JSON, but not what was asked for. */
  | { kind: "other_json"; body: unknown }
  /** An error that is not Clerk's own, as of a wrong address. */
  | { kind: "foreign_error"; status: number }
  /** An error in Clerk's own form. */
  | { kind: "clerk_error"; status: number; code: string };

/** Which requests a fault strikes. */
export type Strikes = (path: string, query: URLSearchParams) => boolean;

/** The faults of a server: none, until a test asks for one. */
export class Faults {
  #plans: { fault: Fault; strikes: Strikes; left: number }[] = [];

  /** Strikes the next so many of the requests that match. */
  next(count: number, fault: Fault, strikes: Strikes = () => true): void {
    this.#plans.push({ fault, strikes, left: count });
  }

  /** Strikes all requests that match, until `clear`. */
  always(fault: Fault, strikes: Strikes = () => true): void {
    this.next(Infinity, fault, strikes);
  }

  clear(): void {
    this.#plans = [];
  }

  /** The fault that strikes a request, if any: the oldest one. */
  take({ pathname, searchParams }: URL): Fault | null {
    const plan = this.#plans.find(({ strikes, left }) =>
      left > 0 && strikes(pathname, searchParams)
    );
    if (!plan) return null;
    plan.left--;
    return plan.fault;
  }
}

/** Ends an answer in its middle, on purpose. */
export class CutOff extends Error {}

/** The answer of a fault; null when the real one follows. `signal`: the server ends. */
export async function answerOfFault(fault: Fault, signal: AbortSignal): Promise<Response | null> {
  switch (fault.kind) {
    case "rate_limited":
      return tooManyRequests(fault.retryAfterSeconds);
    case "server_error":
      return page(fault.status, "Something went wrong");
    case "foreign_error":
      return page(fault.status, "nginx");
    case "clerk_error":
      return new Refusal(fault.status, fault.code, "refused").toResponse();
    case "html":
      return page(200, "Please sign in to the network");
    case "broken_json":
      return new Response('{"data":[{"id":', { headers: { "Content-Type": "application/json" } });
    case "other_json":
      return Response.json(fault.body);
    case "cut_off":
      return new Response(brokenStream(), { headers: { "Content-Type": "application/json" } });
    case "slow":
      await delay(fault.ms, null, { signal });
      return null;
    case "hang":
      return await new Promise<never>(() => {});
  }
}

function page(status: number, text: string): Response {
  const body = `<!doctype html><title>${status}</title><h1>${text}</h1>`;
  return new Response(body, { status, headers: { "Content-Type": "text/html; charset=utf-8" } });
}

function brokenStream(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"data":[')),
    pull: (controller) => controller.error(new CutOff()),
  });
}

/** How long to wait for an answer that a fault may strike: what hangs never comes, what is only slow does. */
export function timeoutFor({ kind }: Fault): number {
  return kind === "hang" ? 300 : 60_000;
}
