import { isOneOf } from "../_clerk_sync/is_one_of.ts";
import type { NamedKeys } from "../_clerk_sync/project.ts";

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
