/** Headers that concern one connection and not the message. */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/**
 * Passes a request on, its body untouched and unread, and answers what the other side answers. `replaced` are headers that
 * take the place of the caller's.
 */
export async function proxy(
  request: Request,
  target: string,
  caller: string,
  replaced: Record<string, string> = {},
): Promise<Response> {
  const url = new URL(request.url);
  const headers = endToEnd(request.headers);
  for (const [name, value] of Object.entries(replaced)) headers.set(name, value);
  headers.set("x-forwarded-for", append(headers.get("x-forwarded-for"), caller));
  headers.set("x-forwarded-host", url.host);
  headers.set("x-forwarded-proto", "http");
  // fetch would unpack a packed answer, and its length would not be true any more.
  headers.set("accept-encoding", "identity");
  try {
    const { method, body } = request;
    const response = await fetch(target + url.search, {
      method,
      headers,
      body,
      redirect: "manual",
    });
    const { status, statusText } = response;
    return new Response(response.body, { status, statusText, headers: endToEnd(response.headers) });
  } catch {
    return Response.json({ code: "UNAVAILABLE", message: "No answer; try again" }, { status: 503 });
  }
}

function endToEnd(headers: Headers): Headers {
  const kept = new Headers(headers);
  const named = headers.get("connection")?.split(",").map((name) => name.trim()) ?? [];
  for (const name of [...HOP_BY_HOP, ...named].filter(Boolean)) kept.delete(name);
  return kept;
}

function append(list: string | null, caller: string): string {
  return list ? `${list}, ${caller}` : caller;
}
