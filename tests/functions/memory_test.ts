import assert from "node:assert/strict";
import { memoryMb } from "../benchmarks/memory.ts";
import { startFunction } from "../support/function_process.ts";
import { SECRET } from "../support/signed_request.ts";
import { SECRET_KEY } from "../support/webhook.ts";

const ignore = Deno.build.os !== "linux";

/** More than there are places to read in: most requests have to go at once. */
const CONNECTIONS = 250;
const REQUESTS = 2_500;

/** Twice, until the process has what it needs for so many at a time. */
const WARMING_UP = 2;

/** A body that is cancelled while it is waited for leaves some 25 to 35 kB behind. */
const MOST_KB = 10;

/** How a body is announced, and what is sent of it. */
interface Sent {
  headers: Record<string, string>;
  start: string;
}

const START = '{"type":"';

const COMPLETE: Sent = { headers: { "content-length": String(START.length) }, start: START };

const ENDLESS: Record<string, Sent> = {
  "of a length": { headers: { "content-length": "20000" }, start: START },
  "in chunks": {
    headers: { "transfer-encoding": "chunked" },
    start: `${START.length.toString(16)}\r\n${START}\r\n`,
  },
};

/** What nobody signed, though its headers don't tell. */
function unsigned(index: number): Record<string, string> {
  return {
    "svix-id": `msg_${index}`,
    "svix-timestamp": String(Math.floor(Date.now() / 1000)),
    "svix-signature": `v1,${btoa("nobody signed this request, x32!")}`,
  };
}

/** How each function is started, and by what headers strangers get furthest. */
const FUNCTIONS = {
  "clerk-webhook": { env: { CLERK_WEBHOOK_SECRET: SECRET }, headers: unsigned },
  "sync-from-clerk": {
    env: { CLERK_SECRET_KEY: "sk_test_of_these_tests" },
    headers: () => ({ apikey: "sb_secret_of_someone_else" }),
  },
};

for (const [name, { env, headers }] of Object.entries(FUNCTIONS)) {
  /** What one request leaves behind, in kB. */
  const leftBy = async (sent: Sent) => {
    await using served = await startFunction(name, {
      ...env,
      SUPABASE_URL: "http://127.0.0.1:9",
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: SECRET_KEY }),
      LOG_LEVEL: "error",
    });
    let before = 0;
    for (let round = 0; round <= WARMING_UP; round++) {
      before = memoryMb(served.pid);
      await silentFlood({
        url: served.url,
        headers: (index) => ({ ...headers(index), ...sent.headers }),
        start: sent.start,
        connections: CONNECTIONS,
        answers: REQUESTS,
      });
    }
    return (memoryMb(served.pid) - before) * 1024 / REQUESTS;
  };

  Deno.test(`${name} keeps nothing of bodies that don't come to an end`, { ignore }, async () => {
    const control = await leftBy(COMPLETE);
    for (const [what, sent] of Object.entries(ENDLESS)) {
      const left = await leftBy(sent);
      assert.ok(
        left < control + MOST_KB,
        `${what}: ${left} kB a request, ${control} of whole ones`,
      );
    }
  });
}

/** What is sent to a function that is a process of its own. */
export interface SilentFloodOptions {
  url: string;
  /** Of each request, by its number: what the function reads a body for, and `content-length` or `transfer-encoding`. */
  headers: (index: number) => Record<string, string>;
  /** What is sent of the body. It need not be all that the headers announce. */
  start: string;
  connections: number;
  /** So many answers end it, and what is still waited for then is left. */
  answers: number;
}

/** Sends requests that need not come to an end, each on a connection of its own; the number of answers of each status. */
export async function silentFlood(options: SilentFloodOptions): Promise<Record<string, number>> {
  const { hostname, port, pathname } = new URL(options.url);
  // An older Deno listens, or says so, on all addresses.
  if (!["127.0.0.1", "0.0.0.0"].includes(hostname)) {
    throw new Error("a flood is for loopback alone");
  }
  const statuses: Record<string, number> = {};
  const open = new Set<Deno.Conn>();
  let sent = 0;
  let answered = 0;

  const sendOne = async () => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    open.add(connection);
    const lines = Object.entries({ host: hostname, ...options.headers(sent++) });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const request = `POST ${pathname} HTTP/1.1\r\n${head}\r\n${options.start}`;
    const status = await statusOf(connection, request);
    if (status) {
      answered++;
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    if (open.delete(connection)) connection.close();
  };
  await Promise.all(Array.from({ length: options.connections }, async () => {
    while (answered < options.answers) await sendOne();
    for (const connection of open) connection.close();
    open.clear();
  }));
  return statuses;
}

/** Null when the connection ended without an answer. */
async function statusOf(connection: Deno.Conn, request: string): Promise<string | null> {
  const answer = new Uint8Array(64);
  try {
    await connection.write(new TextEncoder().encode(request));
    const length = await connection.read(answer);
    const text = new TextDecoder().decode(answer.subarray(0, length ?? 0));
    return /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? null;
  } catch {
    return null;
  }
}
