import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { signDelivery } from "../../../scripts/simulate/delivery.ts";
import {
  BODY_LIMIT_BYTES,
  IN_FLIGHT_LIMIT,
  READING_LIMIT,
} from "../../../supabase/functions/clerk-webhook/receive.ts";
import { type Runtime, startFunction } from "../../support/function_process.ts";
import { peakMemoryMb } from "../memory.ts";

/** What a process of the webhook has in RAM. */
export interface FullPlaces {
  atRestMb: number;
  peakMb: number;
  /** All bodies together. */
  sentMb: number;
}

/** As long as the process still grows; a body that does not end is given up after five seconds. */
const GROWS_WITHIN_MS = 500;

/** V8 keeps a text with one letter beyond Latin-1 in two bytes a character. */
const BODY = filled(`{"type":"user.deleted","data":{"id":"user_1"},"pad":"\u{1F980}`, `"}`);

/**
 * Fills the webhook with the largest bodies there may be, the most that it can get: verified ones whose database does not
 * answer, then others that lack their last byte.
 */
export async function fullPlaces(signal: AbortSignal, runtime?: Runtime): Promise<FullPlaces> {
  const secret = `whsec_${btoa(randomUUID())}`;
  const { promise: end, resolve: letEnd } = Promise.withResolvers<void>();
  let settled = 0;
  await using database = serve(async () => {
    settled++;
    await end;
  });
  await using served = await startFunction("clerk-webhook", {
    CLERK_WEBHOOK_SECRET: secret,
    SUPABASE_URL: `http://127.0.0.1:${database.addr.port}`,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: "sb_secret_of_nobody" }),
  }, runtime);
  await (await fetch(served.url, { method: "POST" })).text();
  const atRestMb = peakMemoryMb(served.pid);

  const sign = (id: string) => signDelivery({ id, body: BODY, secret, at: new Date() }).headers;
  const verified = Array.from({ length: IN_FLIGHT_LIMIT }, async (_, index) => {
    const headers = sign(`msg_${index}`);
    const response = await fetch(served.url, { method: "POST", headers, body: BODY });
    await response.text();
    settled++;
  });
  while (settled < IN_FLIGHT_LIMIT && !signal.aborted) await setTimeout(10);
  const open = await Promise.all(
    Array.from({ length: READING_LIMIT }, () => sendUnfinished(served.url, sign("msg_0"))),
  );
  const peakMb = await settledPeak(served.pid);

  letEnd();
  await Promise.all(verified);
  for (const connection of open) connection.close();
  signal.throwIfAborted();
  const sentMb = (IN_FLIGHT_LIMIT + READING_LIMIT) * BODY_LIMIT_BYTES / 1_000_000;
  return { atRestMb, peakMb, sentMb };
}

/** The project, which answers when it is let. */
function serve(wait: () => Promise<void>) {
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    await request.text();
    await wait();
    return Response.json("applied");
  });
}

async function sendUnfinished(url: string, headers: Record<string, string>): Promise<Deno.Conn> {
  const { hostname, port } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const body = new TextEncoder().encode(BODY);
  const lines = Object.entries({ ...headers, host: hostname, "content-length": body.length });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const request = new Blob([`POST / HTTP/1.1\r\n${head}\r\n`, body.subarray(0, -1)]);
  // What had to make room is answered before its end.
  await request.stream().pipeTo(connection.writable, { preventClose: true }).catch(() => {});
  return connection;
}

async function settledPeak(pid: number): Promise<number> {
  let peak = peakMemoryMb(pid);
  for (let before = 0; peak > before;) {
    before = peak;
    await setTimeout(GROWS_WITHIN_MS);
    peak = peakMemoryMb(pid);
  }
  return peak;
}

function filled(start: string, end: string): string {
  const room = BODY_LIMIT_BYTES - new TextEncoder().encode(start + end).length;
  return start + "x".repeat(room) + end;
}
