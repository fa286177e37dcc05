import type { ClerkApiServer } from "./server.ts";

/** What the server answers to a request without Clerk's client. A header that is null is left out. */
export async function ask(
  api: ClerkApiServer,
  path: string,
  { method = "GET", headers = {} }: {
    method?: string;
    headers?: Record<string, string | null>;
  } = {},
): Promise<{ status: number; code: string | null; body: unknown; headers: Headers }> {
  const sent = { Authorization: `Bearer ${api.secretKey}`, "Clerk-API-Version": "2026-05-12" };
  const entries = Object.entries({ ...sent, ...headers }).filter((entry) => entry[1] !== null);
  const response = await fetch(`${api.url}${path}`, {
    method,
    headers: entries as [string, string][],
  });
  const isJson = response.headers.get("Content-Type") === "application/json";
  const body: unknown = isJson ? await response.json() : await response.text();
  const { errors } = Object(body) as { errors?: { code: string }[] };
  return {
    status: response.status,
    code: errors?.[0]?.code ?? null,
    body,
    headers: response.headers,
  };
}

/** The ids on a page, in either of the two forms that Clerk has. */
export function idsOf(body: unknown): string[] {
  const items = Array.isArray(body) ? body : (body as { data: unknown[] }).data;
  return items.map((item) => (item as { id: string }).id);
}
