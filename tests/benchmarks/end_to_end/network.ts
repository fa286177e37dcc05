/** The network between functions and the Data API, which a local stack has none of: hosted they are on different machines. */
import { connect, createServer, type Socket } from "node:net";

/** A way to the Data API that takes as long as it is told, and counts. */
export interface Network extends AsyncDisposable {
  /** Where it listens. */
  url: string;
  /** The address of the Data API; to be set before the first request. */
  target: string;
  /** What a round trip takes longer, in milliseconds. */
  roundTripMs: number;
  /** So many times a connection's turn went from the answer back to the next request: HTTP/1.1 has one at a time. */
  roundTrips: number;
}

/**
 * Starts it, on a free port of the loopback. Connections stay open as long as both ends keep them. What is sent arrives
 * complete and in order `roundTripMs` later, answers at once: to who asks it is the same as half on each way. Each piece
 * waits by itself, so that requests on several connections, and pieces of one, don't wait for each other.
 */
export async function startNetwork(): Promise<Network> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket.setNoDelay(true));
    socket.once("close", () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((near) => {
    const { hostname, port } = new URL(network.target);
    const far = keep(connect(Number(port), hostname));
    let isAnswered = true;
    keep(near).on("data", (piece) => {
      if (isAnswered) network.roundTrips++;
      isAnswered = false;
      later(network.roundTripMs, () => far.write(piece));
    });
    far.on("data", (piece) => {
      isAnswered = true;
      near.write(piece);
    });
    near.on("close", () => later(network.roundTripMs, () => far.end()));
    far.on("close", () => near.end());
    // Who closes abruptly has closed.
    for (const socket of [near, far]) socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const network: Network = {
    url: `http://127.0.0.1:${port}`,
    target: "",
    roundTripMs: 0,
    roundTrips: 0,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return network;
}

function later(ms: number, run: () => void): void {
  if (ms === 0) run();
  else setTimeout(run, ms);
}
