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
}

/**
 * Reads a request's body once, as UTF-8 text, and stops as soon as it is larger or slower than its limits. `unreadable` is
 * a body that is not UTF-8, broke off or did not come to an end: nothing that was signed as text.
 */
export async function readBody(request: Request, limits: BodyLimits): Promise<BodyResult> {
  if (Number(request.headers.get("content-length")) > limits.bytes) return { kind: "too_large" };
  if (!request.body) return { kind: "text", text: "" };

  const reader = request.body.getReader();
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
