import { createHash } from "node:crypto";
import { UsageError } from "../command/usage_error.ts";
import type { PlannedDelivery } from "../simulate/plan.ts";

/** More events than this are for a backfill. */
export const MOST_BODIES = 10_000;

/**
 * Reads events out of a text: one body, a JSON array of bodies, or a body a line. A single body goes out as it is, others
 * as they stand in the text. An id that is not given is made from the body, so that the same body twice is one event.
 */
export function readBodies(text: string, id: string | null): PlannedDelivery[] {
  const bodies = bodiesOf(text);
  if (bodies.length === 0) throw new UsageError("--file holds no body.");
  if (bodies.length > MOST_BODIES) {
    throw new UsageError(`--file holds ${bodies.length} bodies; the most is ${MOST_BODIES}.`);
  }
  if (id !== null && bodies.length > 1) throw new UsageError("--id is for one body alone.");
  return bodies.map(({ json, body }, index) => {
    const type = typeOf(json);
    if (type === null) {
      throw new UsageError(
        `Body ${index + 1} has no type: it is to be the whole body that Clerk sent, not its data.`,
      );
    }
    return { id: id ?? idFor(json), type, body };
  });
}

function bodiesOf(text: string): { json: unknown; body: string }[] {
  const whole = parse(text);
  if (whole !== undefined) {
    if (!Array.isArray(whole)) return [{ json: whole, body: text }];
    return whole.map((json) => ({ json, body: JSON.stringify(json) }));
  }
  const lines = text.split("\n").map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== "");
  return lines.map(({ line, number }) => {
    const json = parse(line);
    if (json === undefined) {
      throw new UsageError(`--file is neither JSON nor JSON a line: see line ${number}.`);
    }
    return { json, body: line };
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function typeOf(json: unknown): string | null {
  if (typeof json !== "object" || json === null) return null;
  const { type } = json as { type?: unknown };
  return typeof type === "string" && type !== "" ? type : null;
}

/** White space in the file makes no other event. */
function idFor(json: unknown): string {
  const digest = createHash("sha256").update(JSON.stringify(json)).digest("hex");
  return `msg_replay_${digest.slice(0, 32)}`;
}

/** More than this is not read. */
const INPUT_LIMIT_BYTES = 64 * 1024 * 1024;

/** The text of a file, or of standard input for `-`; throws a UsageError. */
export async function readInput(path: string): Promise<string> {
  try {
    const stream = path === "-" ? Deno.stdin.readable : (await Deno.open(path)).readable;
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    for await (const chunk of stream) {
      size += chunk.byteLength;
      if (size > INPUT_LIMIT_BYTES) throw new Error("it is over 64 MB");
      chunks.push(chunk);
    }
    const bytes = await new Blob(chunks).arrayBuffer();
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (error) {
    throw new UsageError(`--file cannot be read: ${(error as Error).message}`);
  }
}
