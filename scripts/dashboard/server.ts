import { join } from "node:path";
import { HOST } from "../stack/ports.ts";
import { serveHttp } from "../stack/serve_http.ts";
import { type Ask, AskError, type AskRefused } from "./ask.ts";
import { createLive, createSnapshots, type Live } from "./snapshot.ts";

/** Where the page is, unless it is said otherwise: beside the ports of `supabase start`. */
export const DASHBOARD_PORT = 54323;

/** What the page's server needs. */
interface DashboardOptions {
  /** 0: any free one. */
  port: number;
  ask: Ask;
  askRefused: AskRefused;
  /** URL of the project. */
  project: URL;
  silentAfterHours: number | null;
  refusedAfterEvents: number | null;
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
    if (pathname === "/api/live") {
      return new Response(live.watch(), { headers: { "content-type": "text/event-stream" } });
    }
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

async function listEvents(ask: Ask, query: URLSearchParams): Promise<Response> {
  const filter = parseEventFilter(query);
  if (!filter) return refuse(400, "invalid_filter");
  try {
    return Response.json(await ask("sync_list_events", filter));
  } catch (error) {
    if (!(error instanceof AskError)) throw error;
    return refuse(503, "unavailable");
  }
}

function refuse(status: number, error: string): Response {
  return Response.json({ error }, { status });
}

/** A file of the page. */
interface PageFile {
  type: string;
  body: Uint8Array<ArrayBuffer>;
}

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/** Reads all files of the page, by their paths. Nothing else is ever served: no path of a request reaches the disk. */
async function readPageFiles(): Promise<Map<string, PageFile>> {
  const page = join(import.meta.dirname!, "page");
  const read = await Promise.all([...Deno.readDirSync(page)].map(async ({ name }) => {
    const type = TYPES[name.split(".").at(-1)!]!;
    return [`/${name}`, { type, body: await Deno.readFile(join(page, name)) }] as const;
  }));
  const byPath = new Map<string, PageFile>(read);
  byPath.set("/", byPath.get("/index.html")!);
  return byPath;
}

/** Names of this machine for itself. Another name that leads here is DNS rebinding: a foreign page asks in a browser. */
const OWN_NAMES = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Why a request is not answered; null when it is. */
function refusalOf(request: Request): { status: number; error: string } | null {
  const name = URL.parse(`http://${request.headers.get("host")}/`)?.hostname;
  if (name === undefined || !OWN_NAMES.has(name)) {
    return { status: 421, error: "wrong_host" };
  }
  if (request.method !== "GET") return { status: 405, error: "method_not_allowed" };
  // Sent by every browser: another site's page could not read the answer, but it could keep the database busy.
  const site = request.headers.get("sec-fetch-site");
  const isNavigation = request.headers.get("sec-fetch-mode") === "navigate";
  if ((site === "cross-site" || site === "same-site") && !isNavigation) {
    return { status: 403, error: "cross_site" };
  }
  return null;
}

/** Of every answer: nothing is loaded from elsewhere, nothing inline runs, nobody frames or embeds it. */
const SECURITY_HEADERS = {
  "content-security-policy":
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
};

/** What can be asked for, besides each outcome: those that need somebody. */
const OUTCOMES = ["applied", "stale", "ignored", "rejected", "failed", "closed"];
const PAGE_SIZE = 50;
const LONGEST = 200;

/** The arguments of `sync_list_events` that the query of a URL asks for; null when it is no filter. */
function parseEventFilter(query: URLSearchParams) {
  const [outcome, type, id, before, since] = ["outcome", "type", "id", "before", "since"]
    .map((name) => query.get(name)?.trim() || null);
  if (outcome && outcome !== "open" && !OUTCOMES.includes(outcome)) return null;
  // PostgreSQL has no NUL in its texts.
  if ([type, id].some((text) => text && (text.length > LONGEST || text.includes("\0")))) {
    return null;
  }
  if ([before, since].some((time) => time && !isTime(time))) return null;
  return {
    p_outcomes: outcome === "open" ? ["failed", "rejected"] : outcome ? [outcome] : null,
    p_event_type: type ?? null,
    p_clerk_id: id ?? null,
    p_before: before ?? null,
    p_since: since ?? null,
    p_limit: PAGE_SIZE,
  };
}

const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,6})?(Z|[+-](\d\d)(:(\d\d))?)$/;

/** As PostgreSQL writes times, in JSON and by itself, to the microsecond: one that there is, in years and zones that it has. */
function isTime(text: string): boolean {
  const [, date, time, , , hours = "0", , minutes = "0"] = text.match(TIME) ?? [];
  const at = Date.parse(`${date}T${time}Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(`${date}T${time}`) &&
    date! >= "0001" && Number(hours) <= 15 && Number(minutes) <= 59;
}
