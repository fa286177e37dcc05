import { corsHeaders } from "@supabase/supabase-js/cors";

type Handle = (request: Request) => Promise<Response>;

const PREFLIGHT = {
  "access-control-allow-methods": "GET, POST",
  // What supabase-js sends.
  "access-control-allow-headers": corsHeaders["Access-Control-Allow-Headers"] ?? "",
  "access-control-max-age": "3600",
};

/** Lets pages of these origins call the function from a browser, and no others. It takes no cookies. */
export function withCors(handle: Handle, origins: string[]): Handle {
  return async (request) => {
    const isPreflight = request.method === "OPTIONS";
    const response = isPreflight ? new Response(null, { status: 204 }) : await handle(request);
    response.headers.set("vary", "origin");

    const origin = request.headers.get("origin");
    if (!origin || !origins.includes(origin)) return response;
    response.headers.set("access-control-allow-origin", origin);
    response.headers.set("access-control-expose-headers", "retry-after");
    if (isPreflight) {
      for (const [name, value] of Object.entries(PREFLIGHT)) response.headers.set(name, value);
    }
    return response;
  };
}
