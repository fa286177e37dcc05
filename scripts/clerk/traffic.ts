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
