/** The body's text, or why there is none. */
export type BodyResult =
  | { kind: "text"; text: string }
  | { kind: "too_large" }
  | { kind: "unreadable" };

/**
 * Reads a request's body once, as UTF-8 text, and stops as soon as it is larger than `limitBytes`. `unreadable` is a body
 * that is not UTF-8, or that broke off: nothing that was signed as text.
 */
export async function readBody(request: Request, limitBytes: number): Promise<BodyResult> {
  if (Number(request.headers.get("content-length")) > limitBytes) return { kind: "too_large" };

  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > limitBytes) return { kind: "too_large" };
      text += decoder.decode(chunk, { stream: true });
    }
    return { kind: "text", text: text + decoder.decode() };
  } catch {
    return { kind: "unreadable" };
  }
}
