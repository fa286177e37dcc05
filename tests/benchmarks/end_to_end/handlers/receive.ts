import { Webhook } from "svix";

// deno-lint-ignore no-explicit-any -- a tutorial trusts what is signed
export type Data = any;

/** What Clerk sends. */
export interface ClerkEvent {
  type: string;
  data: Data;
  timestamp: number;
}

/** Serves a webhook handler as tutorials write it: verify with svix, read, write what is told, answer. */
export function serveReference(write: (event: ClerkEvent) => Promise<void>): void {
  const webhook = new Webhook(Deno.env.get("CLERK_WEBHOOK_SECRET")!);
  Deno.serve(async (request) => {
    const body = await request.text();
    try {
      webhook.verify(body, Object.fromEntries(request.headers));
    } catch {
      return new Response("Invalid signature", { status: 400 });
    }
    const event: ClerkEvent = JSON.parse(body);
    try {
      await write(event);
      return Response.json({ outcome: "applied" });
    } catch (error) {
      console.error(`${event.type} failed:`, error);
      return new Response("Failed", { status: 500 });
    }
  });
}
