import { checksum } from "./release.ts";

/** What is appended to a file of theirs stands between these, so that it is found again. */
const BEGIN = "# What follows was added by clerk-supabase-sync, whose `add` renews it.\n";
const END = "# That was clerk-supabase-sync.\n";

/** A file of theirs, and the block of ours in it. */
export interface Blocked {
  /** All but the block. */
  rest: string;
  /** The block's text; null where there is none, or where they changed it, so that it is a part of the rest. */
  block: string | null;
}

/**
 * Finds the block that has this checksum, or is what would be written now: a run may have been ended before it wrote the
 * checksum down.
 */
export function findBlock(
  text: string,
  sha256: string | undefined,
  blockFor: (rest: string) => string = () => "",
): Blocked {
  const begin = text.replaceAll("\r\n", "\n").lastIndexOf(BEGIN);
  const whole = text.replaceAll("\r\n", "\n");
  const end = whole.indexOf(END, begin);
  if (begin < 0 || end < 0) return { rest: text, block: null };
  const block = whole.slice(begin + BEGIN.length, end);
  const before = whole.slice(0, begin).replace(/\n\n$/, "\n");
  const rest = asIn(text, before + whole.slice(end + END.length));
  const isOurs = checksum(block) === sha256 || block === blockFor(rest);
  return isOurs ? { rest, block } : { rest: text, block: null };
}

/** Appends a block; an empty one is none. */
export function withBlock(rest: string, block: string): string {
  if (block === "") return rest;
  const separator = rest === "" ? "" : rest.endsWith("\n") ? "\n" : "\n\n";
  return asIn(rest, rest.replaceAll("\r\n", "\n") + separator + BEGIN + block + END);
}

/** A text with the line ends of another. */
function asIn(model: string, text: string): string {
  return model.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text;
}
