import assert from "node:assert/strict";
import { startNetwork } from "./end_to_end/network.ts";

/** Answers what it was told once it was told all, over the network. */
async function startEcho(roundTripMs: number) {
  const connections = new Set<string>();
  const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
  const server = Deno.serve(options, async (request, { remoteAddr }) => {
    connections.add(String(remoteAddr.port));
    return new Response(await request.text());
  });
  const network = await startNetwork();
  network.target = `http://127.0.0.1:${server.addr.port}`;
  network.roundTripMs = roundTripMs;
  const ask = async (body: string) => {
    const response = await fetch(network.url, { method: "POST", body });
    return await response.text();
  };
  const stop = async () => {
    await network[Symbol.asyncDispose]();
    await server.shutdown();
  };
  return { network, ask, connections, [Symbol.asyncDispose]: stop };
}

Deno.test("a large body goes there and back over the network as it was, in pieces that keep their order", async () => {
  await using echo = await startEcho(1);
  const body = Array.from({ length: 200_000 }, (_, index) => index).join();
  assert.equal(await echo.ask(body), body);
});

Deno.test("a round trip takes so much longer, and those at once don't wait for each other", async () => {
  await using echo = await startEcho(200);
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: 40 }, (_, index) => echo.ask(String(index))));
  const ms = performance.now() - startedAt;
  assert.ok(ms >= 199, String(ms));
  assert.ok(ms < 40 * 200, `one after the other: ${ms}`);
});

Deno.test("a request is one round trip, however large, and connections stay open between them", async () => {
  await using echo = await startEcho(0);
  for (const size of [1, 100_000, 1, 1, 1]) await echo.ask("x".repeat(size));
  assert.equal(echo.network.roundTrips, 5);
  assert.ok(echo.connections.size < 5, String(echo.connections.size));
});
