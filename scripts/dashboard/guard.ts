/** Names of this machine for itself. Another name that leads here is DNS rebinding: a foreign page asks in a browser. */
const OWN_NAMES = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Why a request is not answered; null when it is. */
export function refusalOf(request: Request): { status: number; error: string } | null {
  if (!OWN_NAMES.has(hostnameOf(request.headers.get("host")))) {
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

function hostnameOf(host: string | null): string {
  return URL.parse(`http://${host}/`)?.hostname ?? "";
}

/** Of every answer: nothing is loaded from elsewhere, nothing inline runs, nobody frames or embeds it. */
export const SECURITY_HEADERS = {
  "content-security-policy":
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
};
