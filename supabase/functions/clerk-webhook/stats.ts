import type { Metric } from "./metrics_text.ts";
import { createRefusals, type Refusals } from "./refusals.ts";

/** What made an answer 429. */
export type Limit = typeof LIMITS[number];

const LIMITS = ["failures", "verified", "reading", "in_flight"] as const;

/** What this process did since it started. Labels are of this file: nothing that comes from outside becomes one. */
export interface Stats {
  /** Requests that are being held now. */
  inFlight: { reading: number; applying: number };
  answered(status: number): void;
  /** By the position of the secret, 1 for the first. */
  verified(secret: number): void;
  refused(): void;
  limited(limit: Limit): void;
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

function increase(counts: Map<string, number>, label: string): void {
  counts.set(label, (counts.get(label) ?? 0) + 1);
}

function counter(name: string, help: string, label: string, counts: Map<string, number>): Metric {
  const samples = [...counts].map(([of, value]) => ({ labels: { [label]: of }, value }));
  return { name, type: "counter", help, samples };
}
