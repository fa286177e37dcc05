import { randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { Sql } from "postgres";
import { type Answer, send, signDelivery } from "../../../scripts/simulate/delivery.ts";
import { storyEvent } from "../../../scripts/simulate/story.ts";
import { percentile } from "../measuring.ts";

/** A stack, and how much is sent to it. */
export interface Scene {
  url: string;
  secret: string;
  sql: Sql;
  seconds: number;
  unsignedPerSecond: number;
  signedPerSecond: number;
  /** Ends it early, with an exception. */
  signal: AbortSignal;
}

/** What became of both. */
export interface SceneResult {
  unsigned: FloodResult;
  signed: {
    sent: number;
    said: Record<string, number>;
    p50Ms: number;
    p95Ms: number;
    maxMs: number;
  };
  /** Events that entered the ledger. */
  events: number;
}

/** Sends signed deliveries, evenly, from the same address and at the same time as a flood of unsigned requests. */
export async function signedAmongUnsigned(scene: Scene): Promise<SceneResult> {
  const { url, secret, sql, seconds, unsignedPerSecond, signedPerSecond, signal } = scene;
  const before = await eventsIn(sql);

  const flooding = flood({ url, seconds, perSecond: unsignedPerSecond, signal });
  const total = seconds * signedPerSecond;
  const answers = await Promise.all(
    Array.from({ length: total }, async (_, index) => {
      await pause(index / signedPerSecond * 1000, signal);
      const story = { seed: randomUUID(), index: 0, endsAt: Date.now() };
      const body = JSON.stringify(storyEvent("user.created", story));
      const delivery = signDelivery({ id: `msg_${randomUUID()}`, body, secret, at: new Date() });
      const headers = { ...delivery.headers, "cf-connecting-ip": FLOOD_ADDRESS };
      return await send({ ...delivery, headers }, { url, signal });
    }),
  );
  const unsigned = await flooding;

  signal.throwIfAborted();
  const times = answers.map(({ ms }) => ms);
  return {
    unsigned,
    signed: {
      sent: total,
      said: tally(answers),
      p50Ms: percentile(times, 50),
      p95Ms: percentile(times, 95),
      maxMs: percentile(times, 100),
    },
    events: await eventsIn(sql) - before,
  };
}

/** Ends early once the signal aborts, so that what goes on meanwhile is waited for. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => {});
}

function tally(answers: Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const said = answer.kind === "answered" ? `${answer.status} ${answer.word}` : answer.reason;
    counts[said] = (counts[said] ?? 0) + 1;
  }
  return counts;
}

async function eventsIn(sql: Sql): Promise<number> {
  const [row] = await sql`select count(*)::int as events from clerk_sync.events`;
  return row?.events;
}

/** How a flood is sent, and for how long. */
interface FloodOptions {
  url: string;
  perSecond: number;
  seconds: number;
  /** Ends it early. */
  signal: AbortSignal;
}

/** What was sent, and what came back. */
export interface FloodResult {
  sent: number;
  perSecond: number;
  statuses: Record<string, number>;
}

/** The client address of the flood, as Cloudflare would tell it: no other test's requests share its limit. */
const FLOOD_ADDRESS = "203.0.113.7";

const CONNECTIONS = 20;

/** Requests that a connection may have open: a slow receiver is sent less, not buried. */
const OPEN_LIMIT = 50;

const TICK_MS = 10;
const LAST_ANSWER_MS = 5_000;

/**
 * Sends requests that nobody signed: by turns one without headers, one with headers as Svix sends them and a wrong
 * signature. They are written to sockets as bytes, since `fetch` can't send as many.
 */
async function flood(
  { url, perSecond, seconds, signal }: FloodOptions,
): Promise<FloodResult> {
  const target = new URL(url);
  if (target.hostname !== "127.0.0.1") throw new Error("a flood is for loopback alone");
  const statuses: Record<string, number> = {};
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  const share = { perSecond: perSecond / CONNECTIONS, endsAt, signal, statuses };
  const sent = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => sendShare(target, share)),
  );
  const total = sent.reduce((sum, count) => sum + count);
  return { sent: total, perSecond: total / (performance.now() - startedAt) * 1000, statuses };
}

interface Share {
  perSecond: number;
  endsAt: number;
  signal: AbortSignal;
  statuses: Record<string, number>;
}

/** Over one connection at a time. */
async function sendShare(
  target: URL,
  { perSecond, endsAt, signal, statuses }: Share,
): Promise<number> {
  const startedAt = performance.now();
  const isOver = () => signal.aborted || performance.now() >= endsAt;
  let sent = 0;
  let due = 0;
  while (!isOver()) {
    const socket = connect(Number(target.port), target.hostname);
    let open = 0;
    countStatuses(socket, (status) => {
      open--;
      statuses[status] = (statuses[status] ?? 0) + 1;
    });
    while (!isOver() && !socket.destroyed) {
      const more = Math.floor((performance.now() - startedAt) / 1000 * perSecond) - due;
      due += more;
      // What a full connection can't take is not made up for: the rate is what was sent.
      const now = Math.min(more, OPEN_LIMIT - open);
      const requests = Array.from({ length: now }, (_, index) => requestOf(target, sent + index));
      socket.write(requests.join(""));
      sent += now;
      open += now;
      await setTimeout(TICK_MS);
    }
    const deadline = performance.now() + LAST_ANSWER_MS;
    while (open > 0 && !socket.destroyed && !signal.aborted && performance.now() < deadline) {
      await setTimeout(TICK_MS);
    }
    socket.destroy();
  }
  return sent;
}

const BODY = JSON.stringify({
  type: "user.deleted",
  data: { id: "user_flood" },
  pad: "x".repeat(1000),
});

function requestOf({ pathname, host }: URL, index: number): string {
  const signature = [
    `svix-id: msg_flood_${index}`,
    `svix-timestamp: ${Math.floor(Date.now() / 1000)}`,
    `svix-signature: v1,${btoa("nobody signed this request, x32!")}`,
  ];
  return [
    `POST ${pathname} HTTP/1.1`,
    `host: ${host}`,
    `cf-connecting-ip: ${FLOOD_ADDRESS}`,
    "content-type: application/json",
    `content-length: ${BODY.length}`,
    ...(index % 2 === 0 ? [] : signature),
    "",
    BODY,
  ].join("\r\n");
}

/** Tells the status of each answer. A connection that the other side closes is closed: another one is opened. */
function countStatuses(socket: Socket, tell: (status: string) => void): void {
  let rest = "";
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => {
    rest += text;
    for (const [, status = ""] of rest.matchAll(/HTTP\/1\.1 (\d{3})/g)) tell(status);
    // A status line may be cut in two; one that was told must not be told again.
    rest = rest.slice(-11).replace(/.*HTTP\/1\.1 \d{3}/s, "");
  });
  socket.on("error", () => tell("closed"));
}
