import { Webhook } from "svix";

/** Signs and verifies in these tests. */
export const SECRET = `whsec_${btoa("a secret for tests, 24+ b")}`;

/** One request that the receiver got and found well signed. */
interface Received {
  id: string;
  body: string;
  headers: Headers;
}

/** What the receiver answers, given the request and how often its svix-id was there before. */
export type Respond = (received: Received, seenBefore: number) => Response | Promise<Response>;

const applied: Respond = (_, seenBefore) =>
  Response.json({ outcome: seenBefore === 0 ? "applied" : "duplicate" });

/** Starts a webhook that verifies with svix. Anything badly signed is answered 401 and not recorded. */
export function startReceiver(respond: Respond = applied) {
  const received: Received[] = [];
  const webhook = new Webhook(SECRET);
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const body = await request.text();
      try {
        webhook.verify(body, Object.fromEntries(request.headers));
      } catch {
        return Response.json({ error: "invalid_signature" }, { status: 401 });
      }
      const id = request.headers.get("svix-id") ?? "";
      const seenBefore = received.filter((earlier) => earlier.id === id).length;
      const item = { id, body, headers: request.headers };
      received.push(item);
      return respond(item, seenBefore);
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/functions/v1/clerk-webhook`,
    received,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
