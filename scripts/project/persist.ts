import pRetry from "p-retry";
import { formatCount } from "../command/progress.ts";

/** How often a call is made again, and after how long. */
export interface Patience {
  retries: number;
  /** Before the first retry, in ms; doubled each time, and up to twice that by chance. */
  firstPauseMs: number;
  longestPauseMs: number;
}

/** Two minutes in all, or more. */
export const PATIENCE: Patience = { retries: 8, firstPauseMs: 500, longestPauseMs: 30_000 };

/** For someone who waits for the answer: some seconds. */
export const BRIEF_PATIENCE: Patience = { retries: 2, firstPauseMs: 300, longestPauseMs: 1_000 };

/** How a call goes on after it failed. */
export interface Persistence {
  patience: Patience;
  /** Ends the wait for another try. A call under way goes on, and one that succeeds has succeeded. */
  signal: AbortSignal;
  /** How many retries this error is worth, at most. */
  worth: (error: Error) => number;
  /** Told before each retry. */
  onRetry: (error: Error) => void;
}

/** Makes a call until it succeeds or its error is not worth another try; rejects with the last one. */
export async function persist<Answer>(
  call: () => Promise<Answer>,
  { patience, signal, worth, onRetry }: Persistence,
): Promise<Answer> {
  let answer: { value: Answer } | null = null;
  const attempt = async () => {
    answer = { value: await call() };
    return answer.value;
  };
  return await pRetry(attempt, {
    retries: patience.retries,
    minTimeout: patience.firstPauseMs,
    maxTimeout: patience.longestPauseMs,
    randomize: true,
    // What has to be finished after an interruption is tried once more.
    signal: signal.aborted ? undefined : signal,
    shouldRetry: ({ error, retriesConsumed }) => {
      if (signal.aborted || retriesConsumed >= worth(error)) return false;
      onRetry(error);
      return true;
    },
  }).catch((error) => {
    if (answer) return answer.value;
    throw error;
  });
}

/** Waits for something that can't be cut off, unless the signal comes first; it is left to itself then. */
export async function unlessAborted<Answer>(
  promise: Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** What a run costs, counted as it happens. */
export interface Traffic {
  /** Requests to Clerk. */
  clerk: number;
  /** Calls of the project's RPCs. */
  project: number;
  /** Calls of either that were made again. */
  retries: number;
}

/** Nothing yet. */
export function noTraffic(): Traffic {
  return { clerk: 0, project: 0, retries: 0 };
}

/** What a run cost, as its report has it. */
export interface Cost {
  clerk_requests: number;
  project_calls: number;
  retries: number;
  peak_memory_mb: number;
}

/** What a run cost, in a line. */
export function formatTraffic(cost: Cost): string {
  return `${formatCount(cost.clerk_requests)} requests to Clerk, ` +
    `${formatCount(cost.project_calls)} calls of the project, ` +
    `${formatCount(cost.retries)} retried, ${Math.round(cost.peak_memory_mb)} MB at most`;
}
