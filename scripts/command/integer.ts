import { UsageError } from "./usage_error.ts";

/** The value of an option that is a whole number within bounds; throws a UsageError. */
export function integer(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new UsageError(`--${name} is a whole number from ${least} to ${most}.`);
  }
  return value;
}
