import type { NamedKeys } from "../_shared/project.ts";

/** Whether a request carries one of the project's secret keys. */
export type HoldsSecretKey = (headers: Headers) => Promise<boolean>;

/** Looks for the key in `apikey`, or as the Bearer token, which is what Prometheus can send. */
export function createHoldsSecretKey(url: string, secretKeys: NamedKeys): HoldsSecretKey {
  return async (headers) => {
    const [, token] = /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "") ?? [];
    const apikey = headers.get("apikey")?.trim() || token || null;
    if (!apikey) return false;

    // Loaded by the first who asks: no delivery waits for it at a cold start.
    const { verifyCredentials } = await import("@supabase/server/core");
    const { data } = await verifyCredentials({ token: null, apikey }, {
      auth: ["secret:*"],
      env: { url, secretKeys, publishableKeys: {} },
    });
    return data?.authMode === "secret";
  };
}
