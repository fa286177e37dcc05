import assert from "node:assert/strict";
import { freePort, HOST } from "../../scripts/stack/ports.ts";

Deno.test("a free port is none that the system gives to a connection meanwhile", async () => {
  const ports = Array.from({ length: 50 }, freePort);
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  const connections = await Promise.all(
    Array.from({ length: 50 }, () => Deno.connect({ hostname: HOST, port: listener.addr.port })),
  );
  const given = connections.map(({ localAddr }) => (localAddr as Deno.NetAddr).port);
  for (const connection of connections) connection.close();
  assert.ok(Math.max(...ports) < Math.min(...given), `${ports} ${given}`);
  for (const port of ports) Deno.listen({ hostname: HOST, port }).close();
});
