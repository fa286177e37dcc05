import { deepEqual, equal } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type HttpServer, serveHttp } from "../../scripts/stack/serve_http.ts";

const HALF = "GET / HTTP/1.1\r\nhost: x\r\nx-half: ";
const WHOLE = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

Deno.test("headers that are half sent, once or after a request, hold no connection open", async () => {
  await using server = serve(() => new Response("done"), 300);
  const sent = [...Array(200).fill(HALF), ...Array(20).fill(WHOLE + HALF), ...Array(20).fill("")];
  const connections = await Promise.all(sent.map((text) => open(server, text)));
  const answers = await Promise.all(connections.map(readAll));
  deepEqual(
    answers.map((text) => text.endsWith("done")),
    sent.map((text) => text !== HALF && text !== ""),
  );
});

Deno.test("headers that come letter by letter hold none open either", async () => {
  await using server = serve(() => new Response("done"), 300);
  const connection = await open(server, HALF);
  let isOpen = true;
  const read = readAll(connection).then(() => isOpen = false);
  while (isOpen) {
    await connection.write(new TextEncoder().encode("x")).catch(() => {});
    await new Promise((wake) => setTimeout(wake, 20));
  }
  await read;
});

Deno.test("a request that takes longer has its answer, and so has a body that comes slowly", async () => {
  await using server = serve(async (request) => {
    const text = await request.text();
    await new Promise((wake) => setTimeout(wake, 900));
    return new Response(text);
  }, 300);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise((wake) => setTimeout(wake, 700));
      controller.enqueue(new TextEncoder().encode("slow"));
      controller.close();
    },
  });
  const response = await fetch(url(server), { method: "POST", body });
  equal(await response.text(), "slow");
});

Deno.test("an answer that has no end goes on", async () => {
  await using server = serve(() => {
    let count = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((wake) => setTimeout(wake, 500));
        controller.enqueue(new TextEncoder().encode(`${++count}`));
        if (count === 3) controller.close();
      },
    });
    return new Response(body);
  }, 300);
  equal(await (await fetch(url(server))).text(), "123");
});

Deno.test("bytes pass as they are, many at once, and the caller's address with them", async () => {
  await using server = serve(async (request, caller) =>
    new Response(await request.bytes(), { headers: { "x-caller": caller } })
  );
  const bodies = Array.from({ length: 40 }, (_, index) => randomBytes(index * 20_000));
  await Promise.all(bodies.map(async (body) => {
    const response = await fetch(url(server), { method: "POST", body });
    equal(response.headers.get("x-caller"), "127.0.0.1");
    deepEqual(Buffer.from(await response.bytes()), body);
  }));
});

Deno.test("a caller who leaves in the middle is no error", async () => {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  await using server = serve(async (request) => {
    if (new URL(request.url).pathname === "/") return new Response("here");
    request.signal.addEventListener("abort", () => leave());
    await left;
    return new Response("late");
  });
  const connection = await open(server, WHOLE.replace("/", "/wait"));
  await new Promise((wake) => setTimeout(wake, 100));
  connection.close();
  await left;
  equal(await (await fetch(url(server))).text(), "here");
});

function serve(...[handler, idleMs]: [Parameters<typeof serveHttp>[1], number?]) {
  const server = serveHttp(0, handler, idleMs);
  return { ...server, [Symbol.asyncDispose]: server.shutdown };
}

function url({ port }: HttpServer): string {
  return `http://127.0.0.1:${port}/`;
}

async function open({ port }: HttpServer, text: string): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  return connection;
}

/** Until the other side closes it. */
async function readAll(connection: Deno.TcpConn): Promise<string> {
  try {
    return await new Response(connection.readable).text();
  } catch {
    return "";
  }
}
