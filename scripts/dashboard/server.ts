import { type Ask, AskError } from "./ask.ts";
import type { AskHealth } from "./ask_health.ts";
import { parseEventFilter } from "./event_filter.ts";
import { readPageFiles } from "./files.ts";
import { refusalOf, SECURITY_HEADERS } from "./guard.ts";
import { HOST } from "../stack/ports.ts";
import { serveHttp } from "../stack/serve_http.ts";
import { createLive, type Live } from "./live.ts";
import { createSnapshots } from "./snapshot.ts";

/** What the page's server needs. */
export interface DashboardOptions {
  /** 0: any free one. */
  port: number;
  ask: Ask;
  askHealth: AskHealth;
  /** Host of the project, for people. */
  project: string;
  silentAfterHours: number | null;
  /** How often a watched page gets a snapshot. */
  intervalMs: number;
  now: () => Date;
}

/** The running server. */
export interface Dashboard extends AsyncDisposable {
  url: string;
  live: Live;
}

/** Serves the page. The key that `ask` holds is in no answer. */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { port, ask, intervalMs } = options;
  const files = await readPageFiles();
  const live = createLive(createSnapshots(options), intervalMs);

  const server = serveHttp(port, async (request) => {
    const response = await answer(request);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.headers.set(name, value);
    return response;
  });

  async function answer(request: Request): Promise<Response> {
    const refusal = refusalOf(request);
    if (refusal) return refuse(refusal.status, refusal.error);
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/api/live") return liveResponse(live);
    if (pathname === "/api/status") return Response.json(await live.current());
    if (pathname === "/api/events") return await listEvents(ask, searchParams);
    const file = files.get(pathname);
    if (!file) return refuse(404, "not_found");
    return new Response(file.body, { headers: { "content-type": file.type } });
  }

  return {
    url: `http://${HOST}:${server.port}`,
    live,
    async [Symbol.asyncDispose]() {
      live.stop();
      await server.shutdown();
    },
  };
}

function liveResponse(live: Live): Response {
  return new Response(live.watch(), { headers: { "content-type": "text/event-stream" } });
}

async function listEvents(ask: Ask, query: URLSearchParams): Promise<Response> {
  const filter = parseEventFilter(query);
  if (!filter) return refuse(400, "invalid_filter");
  try {
    return Response.json(await ask("list_events", filter));
  } catch (error) {
    if (!(error instanceof AskError)) throw error;
    return refuse(503, "unavailable");
  }
}

function refuse(status: number, error: string): Response {
  return Response.json({ error }, { status });
}
