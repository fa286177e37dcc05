/** Text from elsewhere must not steer the terminal, nor fill it: at most so many characters, without control characters. */
export function printable(text: string, most: number = 500): string {
  return text.replaceAll(/\p{C}/gu, "?").slice(0, most);
}

/**
 * The same of text that is shown whole, in its lines: each control character as JSON writes it, so that JSON stays the
 * same.
 */
export function visible(text: string): string {
  return text.replaceAll(
    /[^\P{C}\n\t]/gu,
    (character) => character.split("").map(escape).join(""),
  );
}

/** A value as JSON for standard output, which may be a terminal: JSON itself escapes the controls below U+0020 only. */
export function printableJson(value: unknown): string {
  return visible(JSON.stringify(value));
}

function escape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
