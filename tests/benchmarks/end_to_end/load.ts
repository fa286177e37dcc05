/**
 * The load generator, in a process of its own: reads one order a line, carries it out, writes one line of what came of it.
 * An order's deliveries are signed before its clock starts.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import process from "node:process";
import { send, signDelivery } from "../../../scripts/simulate/delivery.ts";
import { work } from "../../../scripts/converge/schedule.ts";

/** An event that is not signed yet. */
export interface UnsignedEvent {
  id: string;
  body: string;
}

/** What to send, with so many requests in flight. */
export interface Order {
  concurrency: number;
  url: string;
  secret: string;
  events: UnsignedEvent[];
}

/** What came of an order. */
export interface Load {
  seconds: number;
  /** How long each request took. */
  ms: number[];
  /** How often each answer was given, as `200 applied`. */
  answers: Record<string, number>;
}

if (import.meta.main) {
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await carryOut(JSON.parse(line))));
  }
}

async function carryOut(order: Order): Promise<Load> {
  const requests = deliveriesOf(order);
  const load: Load = { seconds: 0, ms: [], answers: {} };
  const startedAt = performance.now();
  await work(requests, order.concurrency, async (request) => {
    const sentAt = performance.now();
    const answer = await request();
    load.ms.push(performance.now() - sentAt);
    load.answers[answer] = (load.answers[answer] ?? 0) + 1;
  });
  load.seconds = (performance.now() - startedAt) / 1000;
  return load;
}

type Request = () => Promise<string>;

function deliveriesOf({ url, secret, events }: Order): Request[] {
  return events.map(({ id, body }) => {
    const delivery = signDelivery({ id, body, secret, at: new Date() });
    return async () => {
      const answer = await send(delivery, { url });
      return answer.kind === "answered" ? `${answer.status} ${answer.word}` : answer.reason;
    };
  });
}

/** The load generator as a process: whoever measures must not be slowed down by what is measured. */
export interface LoadProcess extends AsyncDisposable {
  pid: number;
  carryOut(order: Order): Promise<Load>;
}

/** Starts it; it ends when it is disposed of, or with this process. */
export function startLoad(): LoadProcess {
  const args = ["run", "-A", import.meta.filename!];
  const child = spawn(Deno.execPath(), args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));

  return {
    pid: child.pid!,
    carryOut: async (order) => {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const { done, value } = await lines.next();
      if (done) throw new Error("the load generator ended");
      return JSON.parse(value);
    },
    [Symbol.asyncDispose]: () => {
      child.kill("SIGKILL");
      return ended;
    },
  };
}
