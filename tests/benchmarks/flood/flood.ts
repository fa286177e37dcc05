import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { signDelivery } from "../../../scripts/simulate/delivery.ts";
import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import {
  BODY_LIMIT_BYTES,
  IN_FLIGHT_LIMIT,
  READING_LIMIT,
} from "../../../supabase/functions/clerk-webhook/receive.ts";
import { startFunction } from "../../support/function_process.ts";
import { openDatabase, peakMemoryMb } from "../measuring.ts";
import type { Part, PartResult, RunOptions } from "../part.ts";
import { signedAmongUnsigned } from "./signed_among_unsigned.ts";

const FULL = { seconds: 30, unsignedPerSecond: 2_000, signedPerSecond: 10 };
const QUICK = { seconds: 2, unsignedPerSecond: 200, signedPerSecond: 10 };

/** Whether a flood keeps deliveries out. It goes to the function itself: the gateway of the stack is slower. */
export const flood: Part = {
  title: "Signed deliveries among a flood of unsigned requests from the same address",
  run,
};

async function run({ isQuick, note, signal }: RunOptions): Promise<PartResult> {
  const size = isQuick ? QUICK : FULL;
  await using stack = await startTemporaryStack();
  const { API_URL, CLERK_WEBHOOK_SECRET, DB_URL, SECRET_KEY } = stack.env;
  await using alone = await startFunction("clerk-webhook", {
    CLERK_WEBHOOK_SECRET,
    SUPABASE_URL: API_URL,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: SECRET_KEY }),
  });
  await using sql = openDatabase(DB_URL, signal);
  note(`${size.seconds} seconds …`);
  const { unsigned, signed, events } = await signedAmongUnsigned({
    url: alone.url,
    secret: CLERK_WEBHOOK_SECRET,
    sql,
    signal,
    ...size,
  });
  note(`answers: ${JSON.stringify({ unsigned: unsigned.statuses, signed: signed.said })}`);

  note("full of the largest bodies …");
  const { atRestMb, peakMb } = await fullPlaces(signal);

  const { "401": refused = 0, "429": limited = 0 } = unsigned.statuses;
  const sentShare = (refused + limited) / unsigned.sent;
  return {
    settings: {
      seconds: size.seconds,
      "unsigned a second": size.unsignedPerSecond,
      "signed a second": size.signedPerSecond,
    },
    measures: [
      {
        unit: "requests/s",
        groups: {
          unsigned: { sent: unsigned.perSecond, rejected: unsigned.perSecond * sentShare },
        },
      },
      {
        unit: "ms",
        groups: { signed: { p50: signed.p50Ms, p95: signed.p95Ms, max: signed.maxMs } },
      },
      {
        unit: "MB",
        groups: { memory: { "at rest": atRestMb, "full of the largest bodies": peakMb } },
      },
    ],
    targets: [
      {
        name: "share of signed deliveries applied",
        value: (signed.said["200 applied"] ?? 0) / signed.sent,
        limit: { atLeast: 1 },
      },
      {
        name: "events in the database that nobody signed",
        value: events - signed.sent,
        limit: { atMost: 0 },
      },
      {
        name: "memory of the function, full of the largest bodies",
        value: peakMb,
        unit: "MB",
        limit: { atMost: 150 },
      },
    ],
  };
}

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
export async function fullPlaces(signal: AbortSignal): Promise<FullPlaces> {
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
  });
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
