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

  const reader = readerOf(request.body);
  // A sender that can't be told to stop is no concern of ours.
  const cancel = () => reader.cancel().catch(() => {});
  const timer = setTimeout(cancel, limits.ms);
  limits.signal?.addEventListener("abort", cancel);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  let size = 0;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      size += read.value.byteLength;
      if (size > limits.bytes) return { kind: "too_large" };
      limits.onRead?.(size);
      text += decoder.decode(read.value, { stream: true });
    }
    // A body that was cancelled for its slowness ends here too: its signature can't match what is missing.
    return { kind: "text", text: text + decoder.decode() };
  } catch {
    return { kind: "unreadable" };
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener("abort", cancel);
    cancel();
  }
}

/** A stream of bytes makes a buffer of 64 kB for every piece, however small: this one is used again. */
const BUFFER_BYTES = 16_384;

interface Reader {
  read(): Promise<ReadableStreamReadResult<Uint8Array>>;
  cancel(): Promise<void>;
}

/** Its pieces are worth something until the next is read. */
function readerOf(body: ReadableStream<Uint8Array>): Reader {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = body.getReader({ mode: "byob" });
  } catch {
    // It is no stream of bytes: a body that was here at once, or one of another runtime.
    return body.getReader();
  }
  let buffer = new ArrayBuffer(BUFFER_BYTES);
  return {
    read: async () => {
      const read = await reader.read(new Uint8Array(buffer));
      if (read.value) buffer = read.value.buffer;
      return read as ReadableStreamReadResult<Uint8Array>;
    },
    cancel: () => reader.cancel(),
  };
}
