/** The body's text, or why there is none. */
export type BodyResult =
  | { kind: "text"; text: string }
  | { kind: "too_large" }
  | { kind: "unreadable" };

/** How large a body may be, and how long it may take to arrive. */
export interface BodyLimits {
  bytes: number;
  ms: number;
  /** Ends the reading before its time; what was read by then is worth nothing. */
  signal?: AbortSignal;
  /** Told how many bytes were read by now. */
  onRead?: (bytes: number) => void;
}

/**
 * Reads a request's body once, as UTF-8 text, and stops as soon as it is larger or slower than its limits. `unreadable` is
 * a body that is not UTF-8, broke off or did not come to an end: nothing that was signed as text.
 */
export async function readBody(request: Request, limits: BodyLimits): Promise<BodyResult> {
  if (Number(request.headers.get("content-length")) > limits.bytes) return { kind: "too_large" };
  if (!request.body) return { kind: "text", text: "" };

  const reading = { isGivenUp: false };
  const { promise: givenUp, resolve } = Promise.withResolvers<BodyResult>();
  const giveUp = () => {
    reading.isGivenUp = true;
    resolve({ kind: "unreadable" });
  };
  const timer = setTimeout(giveUp, limits.ms);
  limits.signal?.addEventListener("abort", giveUp);
  try {
    return await Promise.race([givenUp, readText(readerOf(request.body), limits, reading)]);
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener("abort", giveUp);
  }
}

/**
 * A body is given up without a word to its reader, who waits for a piece: Deno never frees a body that is cancelled while
 * somebody waits for it, some 40 kB each. The answer to its request ends the waiting.
 */
async function readText(
  reader: Reader,
  limits: BodyLimits,
  reading: { isGivenUp: boolean },
): Promise<BodyResult> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  let size = 0;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      size += read.value.byteLength;
      if (size > limits.bytes || reading.isGivenUp) return { kind: "too_large" };
      limits.onRead?.(size);
      text += decoder.decode(read.value, { stream: true });
    }
    return { kind: "text", text: text + decoder.decode() };
  } catch {
    return { kind: "unreadable" };
  } finally {
    // Nobody waits for it now. A sender that can't be told to stop is no concern of ours.
    reader.cancel().catch(() => {});
  }
}

/** A stream of bytes makes a buffer of 64 kB for every piece, however small: this one is used again, and grows when it is filled. */
const FIRST_BUFFER_BYTES = 4_096;
const BUFFER_LIMIT_BYTES = 65_536;

interface Reader {
  read(): Promise<ReadableStreamReadResult<Uint8Array>>;
  cancel(): Promise<void>;
}

/** Its pieces are worth something until the next is read. While a piece is waited for, the buffer is the stream's. */
function readerOf(body: ReadableStream<Uint8Array>): Reader {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = body.getReader({ mode: "byob" });
  } catch {
    // It is no stream of bytes: a body that was here at once, or one of another runtime.
    return body.getReader();
  }
  let buffer = new ArrayBuffer(FIRST_BUFFER_BYTES);
  return {
    read: async () => {
      const read = await reader.read(new Uint8Array(buffer));
      if (read.value) buffer = bufferAfter(read.value);
      return read as ReadableStreamReadResult<Uint8Array>;
    },
    cancel: () => reader.cancel(),
  };
}

function bufferAfter(
  { buffer, byteLength }: { buffer: ArrayBuffer; byteLength: number },
): ArrayBuffer {
  if (byteLength < buffer.byteLength || byteLength >= BUFFER_LIMIT_BYTES) return buffer;
  return new ArrayBuffer(byteLength * 4);
}
