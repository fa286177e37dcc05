/** PostgREST reads JSON more strictly than JavaScript does: half a surrogate pair is no text to it. */
const SURROGATE_ESCAPE = /\\ud[89a-f]/i;

/** PostgREST's answer to a request whose body JavaScript takes for JSON, but PostgREST does not; null for all others. */
export async function refusalOfJson(request: Request): Promise<Response | null> {
  if (!request.headers.get("content-type")?.includes("json")) return null;
  const body = await request.clone().text();
  if (!SURROGATE_ESCAPE.test(body) || isWellFormed(body)) return null;
  const error = { code: "PGRST102", details: null, hint: null, message: "Empty or invalid json" };
  return Response.json(error, { status: 400 });
}

function isWellFormed(json: string): boolean {
  let isWhole = true;
  const look = (key: string, value: unknown) => {
    isWhole &&= key.isWellFormed() && (typeof value !== "string" || value.isWellFormed());
    return value;
  };
  try {
    JSON.parse(json, look);
  } catch {
    // What is no JSON at all has its answer from the Data API.
  }
  return isWhole;
}
