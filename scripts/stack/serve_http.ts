import { HOST } from "./ports.ts";

/** Answers a request; `caller` is the address that it came from. */
type Handler = (request: Request, caller: string) => Response | Promise<Response>;

/** A server on the loopback interface. */
export type HttpServer = { port: number; shutdown(): Promise<void> };

/** One caller's connection, and its continuation to the server behind. */
type Connection = { ends: Deno.TcpConn[]; caller: string; requests: number; idleSince: number };

/** So long a connection may be open without a request whose headers are there. */
const IDLE_MS = 10_000;
const SWEEP_MS = 1_000;
const CHUNK_BYTES = 16_384;

/**
 * Serves HTTP, and lets go of connections on which no request comes about. Deno.serve waits for the rest of a request's
 * headers without end (https://github.com/denoland/deno/issues/3515), and node:http, which does not, takes twice the time.
 * So connections are taken here and continued to it as they are; what it tells of requests says which are of use.
 */
export function serveHttp(port: number, handler: Handler, idleMs: number = IDLE_MS): HttpServer {
  const connections = new Map<number, Connection>();
  const behind = Deno.serve({ hostname: HOST, port: 0, onListen: () => {} }, (request, info) => {
    const connection = connections.get(info.remoteAddr.port);
    // Nobody else has to know this port.
    if (!connection) return new Response(null, { status: 421 });
    connection.requests++;
    info.completed.catch(() => {}).finally(() => {
      connection.requests--;
      connection.idleSince = performance.now();
    });
    return handler(request, connection.caller);
  });
  const listener = Deno.listen({ hostname: HOST, port });
  const sweep = setInterval(() => {
    const latest = performance.now() - idleMs;
    for (const { ends, requests, idleSince } of connections.values()) {
      if (requests === 0 && idleSince < latest) close(ends);
    }
  }, Math.min(SWEEP_MS, idleMs));
  // No reason to go on living.
  Deno.unrefTimer(sweep);
  const accepting = acceptAll(listener, (front) => proceed(front, behind.addr.port, connections));

  return {
    port: listener.addr.port,
    async shutdown() {
      listener.close();
      await accepting;
      await behind.shutdown();
      clearInterval(sweep);
      for (const { ends } of connections.values()) close(ends);
    },
  };
}

async function acceptAll(
  listener: Deno.TcpListener,
  take: (connection: Deno.TcpConn) => Promise<void>,
): Promise<void> {
  while (true) {
    try {
      const connection = await listener.accept();
      take(connection).catch(() => close([connection]));
    } catch (error) {
      if (error instanceof Deno.errors.BadResource) return;
      // Too many are open: those that are of no use go within seconds.
      await new Promise((wake) => setTimeout(wake, 100));
    }
  }
}

async function proceed(
  front: Deno.TcpConn,
  port: number,
  connections: Map<number, Connection>,
): Promise<void> {
  const back = await Deno.connect({ hostname: HOST, port });
  const ends = [front, back];
  for (const end of ends) end.setNoDelay();
  const key = back.localAddr.port;
  const caller = front.remoteAddr.hostname;
  connections.set(key, { ends, caller, requests: 0, idleSince: performance.now() });
  try {
    await Promise.all([copy(front, back), copy(back, front)]);
  } finally {
    connections.delete(key);
    close(ends);
  }
}

/** Rejects when either end is gone, and so ends the other direction too. */
async function copy(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (let read = await from.read(chunk); read !== null; read = await from.read(chunk)) {
    for (let sent = 0; sent < read;) sent += await to.write(chunk.subarray(sent, read));
  }
  await to.closeWrite();
}

function close(ends: Deno.TcpConn[]): void {
  for (const end of ends) {
    try {
      end.close();
    } catch {
      // It is closed already.
    }
  }
}
