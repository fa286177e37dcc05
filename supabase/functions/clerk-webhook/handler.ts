import {
  type Answer,
  createHandler as createBoundedHandler,
  refused,
} from "../_clerk_sync/http/answer.ts";
import type { Log } from "../_clerk_sync/log.ts";
import { createCheckHealth, healthAnswer } from "./check_health.ts";
import { createFloodLog } from "./flood_log.ts";
import { createReceive, type Service as ReceiveService } from "./receive.ts";
import { createShowMetrics, type HoldsSecretKey } from "./show_metrics.ts";

/** Monitors that wait at once for one answer of the database. */
const HEALTH_LIMIT = 1_000;

const METRICS_LIMIT = 20;

/** What the function works with. */
export interface Service extends ReceiveService {
  holdsSecretKey: HoldsSecretKey;
  /** Longer without any event is `silent`; null: never. */
  silentAfterHours: number | null;
  /** So many events that look like Svix's and are refused are `refused`; null: no number of them is. */
  refusedAfterEvents: number | null;
}

type Handle = (request: Request) => Promise<Response>;

/**
 * The webhook, and beside it its health and its metrics: a Request in, a Response out, one log line written. Without a
 * service, for want of a usable configuration, every delivery is answered 500. None of the three waits for another.
 */
export function createHandler(service: Service | null, log: Log): Handle {
  const floodLog = createFloodLog(log);
  const deliveries = deliveriesOf(service, floodLog);
  const health = healthOf(service, log);
  const metrics = metricsOf(service, floodLog);

  return (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/health")) return health(request);
    return pathname.endsWith("/metrics") ? metrics(request) : deliveries(request);
  };
}

function deliveriesOf(service: Service | null, log: Log): Handle {
  const receive = service && createReceive(service);
  return createBoundedHandler({
    message: "delivery",
    // What is not signed is answered at once, and what is signed has bounds of its own.
    inFlightLimit: Infinity,
    answerTo: async (request) => {
      if (request.method !== "POST") return notAllowed("POST");
      return receive ? await receive(request) : refused(500, "misconfigured");
    },
    onAnswer: ({ status }) => service?.stats.answered(status),
    log,
  });
}

function healthOf(service: Service | null, log: Log): Handle {
  const check = service && createCheckHealth(service);
  return createBoundedHandler({
    message: "health",
    inFlightLimit: HEALTH_LIMIT,
    answerTo: async ({ method }) => {
      if (method !== "GET" && method !== "HEAD") return notAllowed("GET, HEAD");
      return healthAnswer(check ? await check() : "misconfigured");
    },
    // Asked for every few seconds, it logs what changes, and the rest in debug.
    log: (_level, ...line) => log("debug", ...line),
  });
}

function metricsOf(service: Service | null, log: Log): Handle {
  const show = service && createShowMetrics(service);
  return createBoundedHandler({
    message: "metrics",
    inFlightLimit: METRICS_LIMIT,
    answerTo: async ({ method, headers }) => {
      if (method !== "GET") return notAllowed("GET");
      return show ? await show(headers) : refused(500, "misconfigured");
    },
    log: (level, ...line) => log(level === "info" ? "debug" : level, ...line),
  });
}

function notAllowed(allow: string): Answer {
  return refused(405, "method_not_allowed", {}, { allow });
}
