/** Text from elsewhere must not steer the terminal, nor fill it. */
export function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, "?").slice(0, 500);
}
