/**
 * Errors of the database as PostgREST answers them. @supabase/lite knows some SQLSTATEs and turns the others into
 * one code of its own, but a client tells errors apart by their code: what it sees here has to be what it sees on
 * a hosted project. The marker code `PGRST` is how PostgREST, and lite, let an error carry its whole answer.
 */
export function toPostgrestError(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") {
    return error;
  }
  if (CONNECTION_LOST.test(error.code)) {
    return requestError(503, {
      code: "PGRST001",
      message: "Database client error. Retrying the connection.",
    });
  }
  if (CANNOT_CONNECT.has(error.code)) {
    return requestError(503, {
      code: "PGRST000",
      message: "Database connection error. Retrying the connection.",
    });
  }
  if (!/^[0-9A-Z]{5}$/.test(error.code) || LEFT_TO_LITE.test(error.code)) return error;
  // PostgREST hands a body over as JSON, and PostgreSQL finds a NUL in it while reading that.
  const isNul = error.code === "22021" && error.message.endsWith(": 0x00");
  const { code, message, detail, hint } = isNul ? NUL : error as Error & DatabaseError;
  return requestError(statusOf(code, message), {
    code,
    message,
    details: detail ?? null,
    hint: hint ?? null,
  });
}

const NUL: Pick<Error, "message"> & DatabaseError = {
  code: "22P05",
  message: "unsupported Unicode escape sequence",
  detail: "\\u0000 cannot be converted to text.",
};

/** The fields of an error of the `postgres` driver. */
type DatabaseError = { code: string; detail?: string; hint?: string };

const CONNECTION_LOST = /^(CONNECTION_|ECONNRESET|EPIPE)/;
/** The last two come from the server: starting or stopping, and no connection left. */
const CANNOT_CONNECT = new Set(["ECONNREFUSED", "CONNECT_TIMEOUT", "57P03", "53300"]);
/** Raised answers, and those where the status depends on the role or the message on the query. */
const LEFT_TO_LITE = /^(PGRST|PT...|42501|42703)$/;

/** PostgREST's table of statuses, of whole codes and of classes; any other is 400. */
const STATUSES: [status: number, codes: string[]][] = [
  [400, ["P0001"]],
  [403, ["0L", "0P", "28"]],
  [404, ["42883", "42P01"]],
  [405, ["25006"]],
  [409, ["23503", "23505"]],
  [500, ["42P17", "53400"]],
  [503, ["57P01", "08", "53"]],
  [500, "09 21 25 2D 38 39 3B 40 54 55 57 58 F0 HV P0 XX".split(" ")],
];

function statusOf(code: string, message: string): number {
  // Safeupdate's refusals are the caller's fault, other cardinalities are the function's.
  if (code === "21000" && message.endsWith("requires a WHERE clause")) return 400;
  const known = (wanted: string) => STATUSES.find(([, codes]) => codes.includes(wanted))?.[0];
  return known(code) ?? known(code.slice(0, 2)) ?? 400;
}

/** An error whose whole answer is told. */
export function requestError(status: number, body: Record<string, string | null>): Error {
  return Object.assign(new Error(JSON.stringify(body)), {
    code: "PGRST",
    detail: JSON.stringify({ status, headers: {} }),
  });
}
