/** What a flood of bodies that don't come to an end leaves in a function that is a process of its own. */
import assert from "node:assert/strict";
import { startFunction } from "../support/function_process.ts";
import { SECRET } from "../support/signed_request.ts";
import { SECRET_KEY } from "../support/webhook.ts";

/** More than there are places to read in: most requests have to go at once. */
const CONNECTIONS = 250;
const REQUESTS = 2_500;

/** Twice, until the process has what it needs for so many at a time. */
const WARMING_UP = 2;

/** A body that is cancelled while it is waited for leaves some 25 to 35 kB behind. */
const MOST_KB = 10;

const START = '{"type":"';
const CHUNKED = `${START.length.toString(16)}\r\n${START}\r\n`;

/** How a body is announced, and what is sent of it. */
type Sent = [header: string, start: string];
const COMPLETE: Sent = [`content-length: ${START.length}`, START];
const ENDLESS: Sent[] = [["content-length: 20000", START], ["transfer-encoding: chunked", CHUNKED]];

/** What nobody signed, though its headers don't tell. */
const unsigned = (index: number) =>
  `svix-id: msg_${index}\r\nsvix-timestamp: ${Math.floor(Date.now() / 1000)}\r\n` +
  `svix-signature: v1,${btoa("nobody signed this request, x32!")}`;

/** How each function is started, and by what headers strangers get furthest. */
const FUNCTIONS = {
  "clerk-webhook": { env: { CLERK_WEBHOOK_SECRET: SECRET }, headers: unsigned },
  "sync-from-clerk": {
    env: { CLERK_SECRET_KEY: "sk_test_of_these_tests" },
    headers: () => "apikey: sb_secret_of_someone_else",
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
      before = residentKb(served.pid);
      await flood(Number(new URL(served.url).port), headers, sent);
    }
    return (residentKb(served.pid) - before) / REQUESTS;
  };

  const ignore = Deno.build.os !== "linux";
  Deno.test(`${name} keeps nothing of bodies that don't come to an end`, { ignore }, async () => {
    const [control = 0, ...left] = await Promise.all([COMPLETE, ...ENDLESS].map(leftBy));
    assert.ok(
      Math.max(...left) < control + MOST_KB,
      `${left.join(" and ")} kB a request, ${control} of whole ones`,
    );
  });
}

function residentKb(pid: number): number {
  const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
  return Number(kb);
}

/** Sends requests that need not come to an end, each on a connection of its own, until so many are answered. */
async function flood(
  port: number,
  headers: (index: number) => string,
  [header, start]: Sent,
): Promise<void> {
  const open = new Set<Deno.Conn>();
  let [sent, answered] = [0, 0];

  const sendOne = async () => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    open.add(connection);
    const head = `POST / HTTP/1.1\r\nhost: 127.0.0.1\r\n${headers(sent++)}\r\n${header}`;
    try {
      await connection.write(new TextEncoder().encode(`${head}\r\n\r\n${start}`));
      if (await connection.read(new Uint8Array(64))) answered++;
    } catch {
      // It ended without an answer.
    }
    if (open.delete(connection)) connection.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
    while (answered < REQUESTS) await sendOne();
    // What is still waited for is left.
    for (const connection of open) connection.close();
    open.clear();
  }));
}
