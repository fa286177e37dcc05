import { HEALTH_WINDOW_MS } from "../_clerk_sync/health.ts";
import type { Metric } from "./metrics_text.ts";

/** What made an answer 429. */
export type Limit = typeof LIMITS[number];

const LIMITS = ["failures", "verified", "reading", "in_flight"] as const;

/** How deliveries went to the database. */
const CALLS = ["alone", "page"] as const;

/** What this process did since it started. Labels are of this file: nothing that comes from outside becomes one. */
export interface Stats {
  /** Requests that are being held now. */
  inFlight: { reading: number; applying: number };
  answered(status: number): void;
  /** By the position of the secret, 1 for the first. */
  verified(secret: number): void;
  refused(): void;
  limited(limit: Limit): void;
  /** A call of the database, and how many deliveries went with it. */
  called(deliveries: number): void;
  /** Of what was refused, that which looks like Svix's. */
  refusals: Refusals;
  metrics(): Metric[];
}

/** Starts counting, for a function with so many signing secrets. Counters that are known beforehand start at 0. */
export function createStats(secrets: number, startedAt: Date = new Date()): Stats {
  const refusals = createRefusals();
  const inFlight = { reading: 0, applying: 0 };
  const requests = new Map<string, number>();
  const limited = zeros(LIMITS);
  const verifications = zeros(["verified", "refused"]);
  const calls = zeros(CALLS);
  const called = zeros(CALLS);
  const matched = zeros(Array.from({ length: secrets }, (_, index) => String(index + 1)));

  return {
    inFlight,
    answered: (status) => increase(requests, String(status)),
    verified: (secret) => {
      increase(verifications, "verified");
      increase(matched, String(secret));
    },
    refused: () => increase(verifications, "refused"),
    limited: (limit) => increase(limited, limit),
    called: (deliveries) => {
      const kind = deliveries === 1 ? "alone" : "page";
      increase(calls, kind);
      increase(called, kind, deliveries);
    },
    refusals,
    metrics: () => [
      {
        name: "clerk_webhook_process_start_time_seconds",
        type: "gauge",
        help: "When this process started; what follows counts from then.",
        samples: [{ value: startedAt.getTime() / 1000 }],
      },
      counter(
        "clerk_webhook_requests_total",
        "Deliveries by status of the answer.",
        "status",
        requests,
      ),
      counter(
        "clerk_webhook_verifications_total",
        "Deliveries by outcome of their verification.",
        "outcome",
        verifications,
      ),
      {
        name: "clerk_webhook_refused_events",
        type: "gauge",
        help:
          "Events of the last 15 minutes with well-formed headers that no secret signed; 100 at most.",
        samples: [{ value: refusals.count() }],
      },
      counter(
        "clerk_webhook_secret_matched_total",
        "Verified deliveries by the position of the secret that signed them.",
        "secret",
        matched,
      ),
      counter(
        "clerk_webhook_rate_limited_total",
        "Requests answered 429, by the limit that they met.",
        "limit",
        limited,
      ),
      counter(
        "clerk_webhook_calls_total",
        "Calls of the database that applied deliveries: of one alone, or of a page.",
        "kind",
        calls,
      ),
      counter(
        "clerk_webhook_called_deliveries_total",
        "Deliveries that went with these calls.",
        "kind",
        called,
      ),
      {
        name: "clerk_webhook_in_flight_requests",
        type: "gauge",
        help: "Deliveries whose body is being read, and those being applied.",
        samples: Object.entries(inFlight).map(([phase, value]) => ({ labels: { phase }, value })),
      },
    ],
  };
}

function zeros(labels: readonly string[]): Map<string, number> {
  return new Map(labels.map((label) => [label, 0]));
}

function increase(counts: Map<string, number>, label: string, by = 1): void {
  counts.set(label, (counts.get(label) ?? 0) + by);
}

function counter(name: string, help: string, label: string, counts: Map<string, number>): Metric {
  const samples = [...counts].map(([of, value]) => ({ labels: { [label]: of }, value }));
  return { name, type: "counter", help, samples };
}

/** So many events are remembered, whatever a flood makes up. */
export const REFUSALS_KEPT = 100;

/** An id is some 30 characters; a longer one is none of Svix's. */
const ID_LIMIT = 255;

/** As Svix signs: 32 bytes. */
const SIGNATURE = /(^| )v1,[A-Za-z0-9+/]{43}=( |$)/;

/** Events that were refused although their deliveries have the form of Svix's: whoever sent them signs otherwise than expected. */
export interface Refusals {
  /** A delivery with a fresh timestamp that no secret signed. One that is malformed is nothing. */
  note(headers: Headers): void;
  /** Different events of the last quarter of an hour, REFUSALS_KEPT at most. */
  count(): number;
}

/** Remembers the newest ones, in the memory of this process. */
export function createRefusals(now: () => number = Date.now): Refusals {
  const lastAt = new Map<string, number>();

  return {
    note(headers) {
      const of = (name: string) => headers.get(`svix-${name}`) ?? headers.get(`webhook-${name}`);
      const id = of("id") ?? "";
      if (id === "" || id.length > ID_LIMIT || !SIGNATURE.test(of("signature") ?? "")) return;
      // A Map keeps the order of insertion: the oldest is the first.
      lastAt.delete(id);
      lastAt.set(id, now());
      const [oldest] = lastAt.keys();
      if (lastAt.size > REFUSALS_KEPT) lastAt.delete(oldest!);
    },
    count: () => [...lastAt.values()].filter((at) => now() - at <= HEALTH_WINDOW_MS).length,
  };
}
