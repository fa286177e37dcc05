/** Text from elsewhere must not steer the terminal, nor fill it: at most so many characters, without control characters. */
export function printable(text: string, most: number = 500): string {
  return text.replaceAll(/\p{C}/gu, "?").slice(0, most);
}
