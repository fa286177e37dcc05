/** Text from elsewhere must not steer the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, "?");
}
