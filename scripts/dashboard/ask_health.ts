import { cached } from "../../supabase/functions/_clerk_sync/async.ts";
import { readText } from "../simulate/delivery.ts";

/** The word of the webhook's own health, as last heard; null while none was. Never rejects. */
export type AskHealth = () => Promise<string | null>;

/** As fresh as the function itself keeps it. */
const FRESH_MS = 5_000;
const TIMEOUT_MS = 3_000;

/** A snapshot waits no longer for a function that is slow to start: the next one has its word. */
const PATIENCE_MS = 150;

/** Asks the webhook of a project how it is: what it refuses reaches no database. */
export function createAskHealth(projectUrl: URL): AskHealth {
  const url = new URL("/functions/v1/clerk-webhook/health", projectUrl);
  let known: string | null = null;
  const ask = cached(async () => {
    known = await wordAt(url);
  }, FRESH_MS);

  return async () => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => timer = setTimeout(resolve, PATIENCE_MS));
    await Promise.race([ask(), patience]);
    clearTimeout(timer);
    return known;
  };
}

async function wordAt(url: URL): Promise<string | null> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const text = await readText(await fetch(url, { redirect: "manual", signal }));
    return /^[a-z_]{1,20}$/.test(text) ? text : null;
  } catch {
    return null;
  }
}
