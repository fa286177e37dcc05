import { cached } from "../_clerk_sync/async.ts";
import type { CallRpc } from "../_clerk_sync/database/rpc.ts";
import { isOneOf, type NamedKeys } from "../_clerk_sync/env.ts";
import { type Answer, refused, tooManyRequests } from "../_clerk_sync/http/answer.ts";
import { METRICS_TYPE, toText } from "./metrics_text.ts";
import { bucketOf, type RateLimits } from "./rate_limits.ts";
import type { Stats } from "./stats.ts";
import { readStatus, readTotals } from "./sync_answers.ts";
import { syncMetrics } from "./sync_metrics.ts";

/** Several monitors at once cost the database one answer. */
const METRICS_FRESH_MS = 5_000;

/** Prometheus gives up after 10 s. */
const METRICS_TIMEOUT_MS = 5_000;

/** What the metrics are read from, and who may see them. */
export interface MetricsService {
  callRpc: CallRpc;
  stats: Stats;
  limits: RateLimits;
  holdsSecretKey: HoldsSecretKey;
}

/** Answers a scrape: with the project's secret key, the metrics of the sync and of this process. */
export function createShowMetrics(service: MetricsService): (headers: Headers) => Promise<Answer> {
  const { callRpc, stats, limits, holdsSecretKey } = service;
  const readSync = cached(async () =>
    syncMetrics(
      ...await Promise.all([
        readStatus(callRpc, METRICS_TIMEOUT_MS),
        readTotals(callRpc, METRICS_TIMEOUT_MS),
      ]),
    ), METRICS_FRESH_MS);

  return async (headers) => {
    if (!await holdsSecretKey(headers)) return refuse(bucketOf(headers));
    const body = toText([...await readSync(), ...stats.metrics()]);
    return { status: 200, body, headers: { "content-type": METRICS_TYPE }, log: {} };
  };

  function refuse(bucket: number): Answer {
    const seconds = limits.failed(bucket);
    if (seconds === null) return refused(401, "invalid_key");
    stats.limited("failures");
    return tooManyRequests(seconds, { reason: "failures", address_bucket: bucket });
  }
}

/** Whether a request carries one of the project's secret keys. */
export type HoldsSecretKey = (headers: Headers) => Promise<boolean>;

/** Looks for the key in `apikey`, or as the Bearer token, which is what Prometheus can send. */
export function createHoldsSecretKey(secretKeys: NamedKeys): HoldsSecretKey {
  return async (headers) => {
    const [, token] = /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "") ?? [];
    const apikey = headers.get("apikey")?.trim() || token;
    return apikey ? await isOneOf(secretKeys, apikey) : false;
  };
}
