/** Headers that concern one connection and not the message. */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

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
  const before = request.headers.get("x-forwarded-for");
  const forwarded = {
    ...replaced,
    "x-forwarded-for": before ? `${before}, ${caller}` : caller,
    "x-forwarded-host": url.host,
    "x-forwarded-proto": "http",
    // fetch would unpack a packed answer, and its length would not be true any more.
    "accept-encoding": "identity",
  };
  const headers = [
    ...endToEnd(request.headers).filter(([name]) => !Object.hasOwn(forwarded, name)),
    ...Object.entries(forwarded),
  ];
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

function endToEnd(headers: Headers): [name: string, value: string][] {
  const named = headers.get("connection")?.toLowerCase().split(",").map((name) => name.trim()) ??
    [];
  return [...headers].filter(([name]) => !HOP_BY_HOP.has(name) && !named.includes(name));
}
