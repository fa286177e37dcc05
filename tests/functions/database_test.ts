import assert from "node:assert/strict";
import {
  classify,
  createCallRpc,
  hasCause,
  outcomeOf,
  type OutcomeResult,
  type RpcCall,
} from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { parseExactJson } from "../../supabase/functions/_clerk_sync/exact_json.ts";

const CALL = { name: "delete_user", args: { p_external_id: "user_1" } } as const;
const KEY = "sb_secret_of_these_tests";

/** What the server was asked. */
interface Asked {
  method: string;
  path: string;
  apikey: string | null;
  body: string;
}

/** Answers a request; `over` is fulfilled when the call has ended, or after 5 s for one that does not. */
type Respond = (over: Promise<void>) => Response | Promise<Response>;

/** How a call to a loopback server that answers with `respond` ended, and what the server was asked. */
async function callAgainst(
  respond: Respond,
  signal: AbortSignal = AbortSignal.timeout(60_000),
  call: RpcCall = CALL,
): Promise<{ result: OutcomeResult; asked: Asked[] }> {
  const asked: Asked[] = [];
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, 60_000);
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const { method, headers } = request;
      const path = new URL(request.url).pathname;
      asked.push({ method, path, apikey: headers.get("apikey"), body: await request.text() });
      return respond(over.promise);
    },
  );
  const callRpc = createCallRpc(`http://127.0.0.1:${server.addr.port}`, KEY);
  const result = outcomeOf(await callRpc(call, signal));
  clearTimeout(timer);
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

Deno.test("an error without a code is a failure", () => {
  for (const code of [undefined, ""]) {
    assert.deepEqual(classify(code), { kind: "failed", code: "unreachable" });
  }
});

Deno.test("a code that only holds another one is another one", () => {
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
  assert.ok(!hasCause({ kind: "failed", code: "timeout" }));
});

for (const outcome of ["applied", "duplicate", "stale"] as const) {
  Deno.test(`an RPC that returns ${outcome} is done`, async () => {
    const { result } = await callAgainst(() => Response.json(outcome));
    assert.deepEqual(result, { kind: "done", outcome });
  });
}

Deno.test("an RPC is one POST of its arguments, with the secret key", async () => {
  const { asked } = await callAgainst(() => Response.json("applied"));
  assert.deepEqual(asked, [{
    method: "POST",
    path: "/rest/v1/rpc/delete_user",
    apikey: KEY,
    body: '{"p_external_id":"user_1"}',
  }]);
});

Deno.test("what PostgreSQL can't store is left out of every argument, keys and pages too", async () => {
  const { asked } = await callAgainst(() => Response.json("applied"), undefined, {
    name: "upsert_users",
    args: {
      p_users: [{ p_email: "a\0b\ud800", p_public_metadata: { "\udc00c\0": ["\udfff", "😀"] } }],
    },
  });
  assert.equal(
    asked[0]?.body,
    '{"p_users":[{"p_email":"ab\ufffd","p_public_metadata":{"\ufffdc":["\ufffd","😀"]}}]}',
  );
});

Deno.test("a number that JavaScript can't hold reaches the Data API by its digits", async () => {
  const metadata = '{"a":12345678901234567890,"b":[1e400,"\\\\u0000"]}';
  const args = { p_external_id: "user_1\0", p_public_metadata: parseExactJson(metadata) };
  const respond = () => Response.json("applied");
  const { asked } = await callAgainst(respond, undefined, { name: "upsert_user", args });
  assert.equal(asked[0]?.body, `{"p_external_id":"user_1","p_public_metadata":${metadata}}`);
});

Deno.test("an error is told by its code, whatever its status says", async () => {
  for (const status of [400, 404, 409, 500, 503]) {
    const { result, asked } = await callAgainst(() =>
      Response.json({ code: "40P01", message: "deadlock detected" }, { status })
    );
    assert.deepEqual(result, { kind: "conflict", code: "40P01" });
    assert.equal(asked.length, 1);
  }
});

Deno.test("a 401 without a code is a failure", async () => {
  const { result } = await callAgainst(() =>
    Response.json({ message: "Invalid API key" }, { status: 401 })
  );
  assert.deepEqual(result, { kind: "failed", code: "unreachable" });
});

Deno.test("an error page is a failure", async () => {
  for (const status of [200, 404, 502, 503, 521]) {
    const { result } = await callAgainst(() =>
      new Response("<html>Bad gateway</html>", { status })
    );
    assert.equal(result.kind, "failed", String(status));
  }
});

for (const [status, body] of [[200, ""], [404, ""], [500, "null"], [502, "0"]] as const) {
  Deno.test(`an answer that names no outcome is a failure: ${status} ${JSON.stringify(body)}`, async () => {
    const { result } = await callAgainst(() => new Response(body, { status }));
    assert.equal(result.kind, "failed");
  });
}

Deno.test("another word, or no word, is no outcome", async () => {
  for (const answer of ["hello", null, [], ["applied"], { outcome: "applied" }, true]) {
    const { result } = await callAgainst(() => Response.json(answer));
    assert.equal(result.kind, "failed", JSON.stringify(answer));
  }
  assert.equal((await callAgainst(() => Response.json([], { status: 404 }))).result.kind, "failed");
});

Deno.test("a connection that is refused is a failure, and is not tried again", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  const callRpc = createCallRpc(`http://127.0.0.1:${port}`, KEY);
  assert.deepEqual(await callRpc(CALL, AbortSignal.timeout(60_000)), {
    kind: "failed",
    code: "unreachable",
  });
});

Deno.test("a server that never answers is a timeout when the signal ends", async () => {
  const { result } = await callAgainst(
    (over) => over.then(() => new Response()),
    AbortSignal.timeout(50),
  );
  assert.deepEqual(result, { kind: "failed", code: "timeout" });
});

Deno.test("an answer that stops halfway is a timeout when the signal ends", async () => {
  const { result } = await callAgainst(
    (over) =>
      new Response(
        ReadableStream.from([
          Promise.resolve('"appl'),
          over.then(() => 'ied"'),
        ]).pipeThrough(new TextEncoderStream()),
      ),
    AbortSignal.timeout(50),
  );
  assert.deepEqual(result, { kind: "failed", code: "timeout" });
});

Deno.test("a call whose signal has ended already is a timeout, and reaches nobody", async () => {
  const { result, asked } = await callAgainst(
    () => Response.json("applied"),
    AbortSignal.abort(),
  );
  assert.deepEqual(result, { kind: "failed", code: "timeout" });
  assert.equal(asked.length, 0);
});
