import assert from "node:assert/strict";
import { apply, APPLY_TIMEOUT_MS } from "../../supabase/functions/_clerk_sync/database/apply.ts";
import {
  type CallRpc,
  type CallSource,
  classify,
  createCallRpc,
  hasCause,
  outcomeOf,
  type OutcomeResult,
  type RpcCall,
  type RpcResult,
} from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { parseExactJson } from "../../supabase/functions/_clerk_sync/exact_json.ts";
import { withTimersUpAtOnce } from "../support/clock.ts";

const CALL = { name: "delete_user", args: { p_external_id: "user_1" } } as const;
const KEY = "sb_secret_of_these_tests";
const TIMEOUT = { kind: "failed", code: "timeout" } as const;

/** What the server was asked. */
interface Asked {
  method: string;
  path: string;
  apikey: string | null;
  schema: string | null;
  source: string | null;
  body: string;
}

/** Answers a request; `over` is fulfilled when the call has ended. */
type Respond = (over: Promise<void>) => Response | Promise<Response>;

/** How a call to a loopback server that answers with `respond` ended, and what the server was asked. */
async function callAgainst(
  respond: Respond,
  { signal = AbortSignal.timeout(60_000), call = CALL, schema, source }: {
    signal?: AbortSignal;
    call?: RpcCall;
    schema?: string;
    source?: CallSource;
  } = {},
): Promise<{ result: OutcomeResult; asked: Asked[] }> {
  const asked: Asked[] = [];
  const over = Promise.withResolvers<void>();
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const { method, headers } = request;
      const path = new URL(request.url).pathname;
      asked.push({
        method,
        path,
        apikey: headers.get("apikey"),
        schema: headers.get("content-profile"),
        source: headers.get("clerk-sync-source"),
        body: await request.text(),
      });
      return respond(over.promise);
    },
  );
  const callRpc = createCallRpc(`http://127.0.0.1:${server.addr.port}`, KEY, schema, source);
  const result = outcomeOf(await callRpc(call, signal));
  over.resolve();
  return { result, asked };
}

const CLASSES: Record<"refused" | "conflict" | "failed", string[]> = {
  refused: ["22001", "22003", "22007", "22021", "22023", "22P02", "22P05", "23502", "23503"]
    .concat(["23505", "23514", "54000", "54001", "P0001", "PT409", "A1234", "PGRST102"]),
  conflict: ["40001", "40P01", "55P03"],
  failed: ["08006", "25006", "28P01", "42501", "42883", "42P01", "53300", "57014", "57P01"]
    .concat(["XX000", "PGRST000", "PGRST002", "PGRST003", "PGRST202", "PGRST301"]),
};

for (const [kind, codes] of Object.entries(CLASSES)) {
  Deno.test(`an error is ${kind} by its code: ${codes.join(" ")}`, () => {
    for (const code of codes) assert.deepEqual(classify(code), { kind, code });
  });
}

Deno.test("a call that has a reason says it by a header", async () => {
  const { asked: [asked] } = await callAgainst(() => Response.json("applied"), { source: "drift" });
  assert.equal(asked?.source, "drift");
});

Deno.test("an error without a code, or with one that only holds another, is a failure", () => {
  for (const code of [undefined, ""]) {
    assert.deepEqual(classify(code), { kind: "failed", code: "unreachable" });
  }
  for (const code of ["140001", "400011", "X22001", "235055", "PGRST22"]) {
    assert.equal(classify(code).kind, "failed", code);
  }
});

Deno.test("a text for a code, which a trigger can raise, is never told", () => {
  for (const code of ["ada@example.test", "22001 ada", "p0001", "PGRST", "PGRSTada"]) {
    assert.ok(["PGRST", "unexpected_answer"].includes(classify(code).code), code);
  }
});

Deno.test("what a rule of the database may have refused has a cause, a conflict or a want of room has none", () => {
  for (const code of ["22001", "23505", "23514", "42P01", "42501", "P0001", "XX000", "secret"]) {
    assert.ok(hasCause(classify(code)), code);
  }
  for (const code of ["40001", "55P03", "08006", "53300", "57014", "PGRST202", ""]) {
    assert.ok(!hasCause(classify(code)), code);
  }
  assert.ok(!hasCause(TIMEOUT));
});

Deno.test("an RPC is one POST of its arguments to its schema, with the secret key, and is done with its outcome", async () => {
  for (const outcome of ["applied", "duplicate", "stale", "ignored"]) {
    const { result, asked } = await callAgainst(() => Response.json(outcome), { schema: "clerk" });
    assert.deepEqual(result, { kind: "done", outcome });
    const path = "/rest/v1/rpc/delete_user";
    const body = '{"p_external_id":"user_1"}';
    const apart = { apikey: KEY, schema: "clerk", source: null };
    assert.deepEqual(asked, [{ method: "POST", path, ...apart, body }]);
  }
});

const METADATA = '{"a":12345678901234567890,"b":[1e400,"\\\\u0000"]}';

const SENT: [what: string, call: RpcCall, body: string][] = [
  [
    "what PostgreSQL can't store is left out, keys and pages too",
    {
      name: "sync_upsert_users",
      args: {
        p_users: [{ p_email: "a\0b\ud800", p_public_metadata: { "\udc00c\0": ["\udfff", "😀"] } }],
      },
    },
    '{"p_users":[{"p_email":"ab\ufffd","p_public_metadata":{"\ufffdc":["\ufffd","😀"]}}]}',
  ],
  [
    "a number that JavaScript can't hold is sent by its digits",
    {
      name: "upsert_user",
      args: { p_external_id: "user_1\0", p_public_metadata: parseExactJson(METADATA) },
    },
    `{"p_external_id":"user_1","p_public_metadata":${METADATA}}`,
  ],
];

for (const [what, call, body] of SENT) {
  Deno.test(`of the arguments, ${what}`, async () => {
    const { asked } = await callAgainst(() => Response.json("applied"), { call });
    assert.equal(asked[0]?.body, body);
  });
}

Deno.test("an error is told by its code, whatever its status says, and the call is made once", async () => {
  for (const status of [400, 404, 409, 500, 503]) {
    const error = { code: "40P01", message: "deadlock detected" };
    const { result, asked } = await callAgainst(() => Response.json(error, { status }));
    assert.deepEqual(result, { kind: "conflict", code: "40P01" });
    assert.equal(asked.length, 1);
  }
});

const NO_OUTCOME: [status: number, bodies: string[]][] = [
  [200, ["", '"hello"', "null", "[]", '["applied"]', '{"outcome":"applied"}', "true"]],
  [401, ['{"message":"Invalid API key"}']],
  [404, ["", "[]"]],
  [500, ["null"]],
  [502, ["0"]],
  ...[200, 404, 502, 503, 521]
    .map((status): [number, string[]] => [status, ["<html>Bad gateway</html>"]]),
];

for (const [status, bodies] of NO_OUTCOME) {
  Deno.test(`an answer that names no outcome is a failure: ${status} ${bodies.join(" ")}`, async () => {
    for (const body of bodies) {
      const { result } = await callAgainst(() => new Response(body, { status }));
      assert.equal(result.kind, "failed", body);
    }
  });
}

Deno.test("a connection that is refused is a failure, and is not tried again", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  const callRpc = createCallRpc(`http://127.0.0.1:${port}`, KEY);
  const result = await callRpc(CALL, AbortSignal.timeout(60_000));
  assert.deepEqual(result, { kind: "failed", code: "unreachable" });
});

const HANGING: Record<string, Respond> = {
  "a server that never answers": (over) => over.then(() => new Response()),
  "an answer that stops halfway": (over) => {
    const pieces = [Promise.resolve('"appl'), over.then(() => 'ied"')];
    return new Response(ReadableStream.from(pieces).pipeThrough(new TextEncoderStream()));
  },
};

for (const [what, respond] of Object.entries(HANGING)) {
  Deno.test(`${what} is a timeout when the signal ends`, async () => {
    const { result } = await callAgainst(respond, { signal: AbortSignal.timeout(50) });
    assert.deepEqual(result, TIMEOUT);
  });
}

Deno.test("a call whose signal has ended already is a timeout, and reaches nobody", async () => {
  const signal = AbortSignal.abort();
  const { result, asked } = await callAgainst(() => Response.json("applied"), { signal });
  assert.deepEqual([result, asked], [TIMEOUT, []]);
});

const CONFLICT: RpcResult = { kind: "conflict", code: "40001" };
const TAKEN: RpcResult = { kind: "refused", code: "23505" };
const REFUSED: RpcResult = { kind: "refused", code: "23514" };
const DOWN: RpcResult = { kind: "failed", code: "unreachable" };
const DONE: RpcResult = { kind: "done", answer: "applied" };

const TRIES: [what: string, results: RpcResult[], result: RpcResult, tries: number][] = [
  ["that is done is made once", [DONE], DONE, 1],
  ["that conflicts is tried again", [CONFLICT, CONFLICT, DONE], DONE, 3],
  ["that conflicts three times is over", [CONFLICT, CONFLICT, CONFLICT], CONFLICT, 3],
  ["for something unique is tried three times", [TAKEN, TAKEN, TAKEN], TAKEN, 3],
  ["that is refused is not tried again", [REFUSED], REFUSED, 1],
  ["that failed is not tried again", [DOWN], DOWN, 1],
  ["that conflicts, and then fails, failed", [CONFLICT, DOWN], DOWN, 2],
];

for (const [what, results, expected, tries] of TRIES) {
  Deno.test(`a call ${what}`, async () => {
    const calls: unknown[] = [];
    const callRpc: CallRpc = (call) => {
      calls.push(call);
      return Promise.resolve(results[calls.length - 1]!);
    };
    assert.deepEqual(await apply(callRpc, CALL), expected);
    assert.deepEqual(calls, Array(tries).fill(CALL));
  });
}

/** A CallRpc that never ends by itself, as one whose database hangs. */
const hanging: CallRpc = (_call, signal) =>
  new Promise((resolve) => {
    const end = () => resolve(TIMEOUT);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end);
  });

Deno.test("a call that hangs is cut off at the deadline, which leaves room within Svix's 15 s", async () => {
  const waitedMs = await withTimersUpAtOnce(async () => {
    assert.deepEqual(await apply(hanging, CALL), TIMEOUT);
  });
  assert.equal(waitedMs, APPLY_TIMEOUT_MS);
  assert.ok(APPLY_TIMEOUT_MS <= 10_000);
});

Deno.test("the deadline is for all tries together", async () => {
  const signals = new Set<AbortSignal>();
  let tries = 0;
  const callRpc: CallRpc = (call, signal) => {
    signals.add(signal);
    return ++tries === 1 ? Promise.resolve(CONFLICT) : hanging(call, signal);
  };
  assert.deepEqual(await apply(callRpc, CALL, 300), TIMEOUT);
  assert.deepEqual([tries, signals.size], [2, 1]);
});

Deno.test("a conflict after the deadline is not tried again", async () => {
  let tries = 0;
  const callRpc: CallRpc = async (call, signal) => {
    tries++;
    await hanging(call, signal);
    return CONFLICT;
  };
  assert.deepEqual(await apply(callRpc, CALL, 10), CONFLICT);
  assert.equal(tries, 1);
});
