import type { DataApi } from "./data_api.ts";
import type { ServedFunction } from "./functions.ts";
import { HOST } from "./ports.ts";
import { proxy } from "./proxy.ts";
import { verifyJwt } from "./verify_jwt.ts";

/** What stands behind the gateway. */
export type GatewayOptions = {
  port: number;
  dataApi: DataApi;
  functions: ServedFunction[];
  jwtSecret: string;
};

/** How long requests under way may still take when the stack stops. */
const DRAIN_MS = 2000;

/** The one address of the stack: the Data API and the functions, at the paths they have on Supabase. */
export function startGateway(options: GatewayOptions): { stop(): Promise<void> } {
  const server = Deno.serve(
    { hostname: HOST, port: options.port, onListen: () => {} },
    (request, info) => {
      const { pathname } = new URL(request.url);
      const caller = info.remoteAddr.hostname;
      if (pathname.startsWith("/rest/v1/")) {
        return proxy(request, options.dataApi.url + pathname, caller);
      }
      if (pathname.startsWith("/functions/v1/")) return callFunction(request, caller, options);
      return refuse(404, "NOT_FOUND", "There is nothing at this path");
    },
  );
  return {
    stop: async () => {
      // What still runs then gets its answer when the process behind it ends.
      await Promise.race([server.shutdown(), new Promise((wake) => setTimeout(wake, DRAIN_MS))]);
    },
  };
}

async function callFunction(
  request: Request,
  caller: string,
  { functions, jwtSecret }: GatewayOptions,
): Promise<Response> {
  // The function sees its own name as the first part of the path, as on Supabase.
  const path = new URL(request.url).pathname.slice("/functions/v1".length);
  const served = functions.find(({ name }) => name === path.split("/")[1]);
  if (!served) return refuse(404, "NOT_FOUND", "Requested function was not found");
  // A browser asks with OPTIONS first, and can't send the header then.
  if (served.verifyJwt && request.method !== "OPTIONS") {
    const problem = await verifyJwt(request.headers, jwtSecret);
    if (problem) return refuse(401, "UNAUTHORIZED", problem);
  }
  if (!served.isUp()) return refuse(503, "BOOT_ERROR", "The function is being started again");
  return await proxy(request, served.url() + path, caller);
}

function refuse(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status });
}
