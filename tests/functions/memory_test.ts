import assert from "node:assert/strict";
import { memoryMb } from "../benchmarks/measuring.ts";
import { startFunction } from "./support/function_process.ts";
import { SECRET } from "./support/signed_request.ts";
import { silentFlood } from "./support/silent_flood.ts";
import { SECRET_KEY } from "./support/webhook.ts";

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
