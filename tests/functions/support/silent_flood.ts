/** What is sent to a function that is a process of its own. */
export interface SilentFloodOptions {
  url: string;
  /** Of each request, by its number: what the function reads a body for, and `content-length` or `transfer-encoding`. */
  headers: (index: number) => Record<string, string>;
  /** What is sent of the body. It need not be all that the headers announce. */
  start: string;
  connections: number;
  /** So many answers end it, and what is still waited for then is left. */
  answers: number;
}

/** Sends requests that need not come to an end, each on a connection of its own; the number of answers of each status. */
export async function silentFlood(options: SilentFloodOptions): Promise<Record<string, number>> {
  const { hostname, port, pathname } = new URL(options.url);
  // An older Deno listens, or says so, on all addresses.
  if (!["127.0.0.1", "0.0.0.0"].includes(hostname)) {
    throw new Error("a flood is for loopback alone");
  }
  const statuses: Record<string, number> = {};
  const open = new Set<Deno.Conn>();
  let sent = 0;
  let answered = 0;

  const sendOne = async () => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    open.add(connection);
    const lines = Object.entries({ host: hostname, ...options.headers(sent++) });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const request = `POST ${pathname} HTTP/1.1\r\n${head}\r\n${options.start}`;
    const status = await statusOf(connection, request);
    if (status) {
      answered++;
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    if (open.delete(connection)) connection.close();
  };
  await Promise.all(Array.from({ length: options.connections }, async () => {
    while (answered < options.answers) await sendOne();
    for (const connection of open) connection.close();
    open.clear();
  }));
  return statuses;
}

/** Null when the connection ended without an answer. */
async function statusOf(connection: Deno.Conn, request: string): Promise<string | null> {
  const answer = new Uint8Array(64);
  try {
    await connection.write(new TextEncoder().encode(request));
    const length = await connection.read(answer);
    const text = new TextDecoder().decode(answer.subarray(0, length ?? 0));
    return /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? null;
  } catch {
    return null;
  }
}
