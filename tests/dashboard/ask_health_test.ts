import { equal, ok } from "node:assert/strict";
import { createAskHealth } from "../../scripts/dashboard/ask.ts";

/** A function in front of which nothing is. */
function serve(answer: () => Response | Promise<Response>) {
  const asked: string[] = [];
  const end = new AbortController();
  const options = { port: 0, hostname: "127.0.0.1", signal: end.signal, onListen() {} };
  const server = Deno.serve(options, ({ url }) => {
    asked.push(new URL(url).pathname);
    return answer();
  });
  return {
    asked,
    url: new URL(`http://127.0.0.1:${server.addr.port}`),
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await server.finished;
    },
  };
}

/** Asks until there is a word. */
async function wordOf(askHealth: () => Promise<string | null>): Promise<string> {
  for (;;) {
    const word = await askHealth();
    if (word !== null) return word;
  }
}

Deno.test("the page hears the function's own word, whichever it is, and asks seldom", async () => {
  await using server = serve(() => new Response("refused", { status: 503 }));
  const askHealth = createAskHealth(server.url);
  equal(await wordOf(askHealth), "refused");
  for (let count = 0; count < 20; count++) equal(await askHealth(), "refused");
  equal(server.asked.join(), "/functions/v1/clerk-webhook/health");
});

Deno.test("what is no word of the function's is none", async () => {
  for (const text of ["<html>", "", "a word too many", "x".repeat(1_000_000)]) {
    await using server = serve(() => new Response(text));
    const askHealth = createAskHealth(server.url);
    while (server.asked.length === 0) await askHealth();
    equal(await askHealth(), null);
  }
});

Deno.test({
  name: "a function that hangs holds no snapshot up, and nothing there is no word",
  // The request is given up by its own time.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const answer = Promise.withResolvers<Response>();
    await using server = serve(() => answer.promise);
    const askHealth = createAskHealth(server.url);
    equal(await askHealth(), null);
    ok(server.asked.length <= 1);
    answer.resolve(new Response("ok"));
    equal(await wordOf(askHealth), "ok");
    equal(await createAskHealth(new URL("http://127.0.0.1:1"))(), null);
  },
});
