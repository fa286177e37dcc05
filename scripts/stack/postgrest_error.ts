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
  const { code, message, detail, hint } = isNul(error) ? NUL : error as Error & DatabaseError;
  return requestError(statusOf(code, message), {
    code,
    message,
    details: detail ?? null,
    hint: hint ?? null,
  });
}

/** PostgREST hands a body over as JSON, and PostgreSQL finds a NUL in it while reading that. */
function isNul(error: Error & { code?: unknown }): boolean {
  return error.code === "22021" && error.message.endsWith(": 0x00");
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

/** PostgREST's table of statuses: whole codes first, then classes, then 400. */
const STATUS: Record<string, number> = {
  "23503": 409,
  "23505": 409,
  "25006": 405,
  "42883": 404,
  "42P01": 404,
  "42P17": 500,
  "53400": 500,
  "57P01": 503,
  P0001: 400,
  "08": 503,
  "09": 500,
  "0L": 403,
  "0P": 403,
  "21": 500,
  "25": 500,
  "28": 403,
  "2D": 500,
  "38": 500,
  "39": 500,
  "3B": 500,
  "40": 500,
  "53": 503,
  "54": 500,
  "55": 500,
  "57": 500,
  "58": 500,
  F0: 500,
  HV: 500,
  P0: 500,
  XX: 500,
};

function statusOf(code: string, message: string): number {
  // Safeupdate's refusals are the caller's fault, other cardinalities are the function's.
  if (code === "21000" && message.endsWith("requires a WHERE clause")) return 400;
  return STATUS[code] ?? STATUS[code.slice(0, 2)] ?? 400;
}

/** An error whose whole answer is told. */
export function requestError(status: number, body: Record<string, string | null>): Error {
  return Object.assign(new Error(JSON.stringify(body)), {
    code: "PGRST",
    detail: JSON.stringify({ status, headers: {} }),
  });
}
