import { isDeepStrictEqual } from "node:util";
import type { Tables } from "./tables.ts";

/** Where the database is not as it should be, one line a field; empty when it is. */
export function differences(expected: Tables, actual: Tables): string[] {
  const names = Object.keys(expected) as (keyof Tables)[];
  return names.flatMap((name) => [...compare(name, expected[name], actual[name])]);
}

function* compare(
  table: string,
  expected: Map<string, object>,
  actual: Map<string, object>,
): Iterable<string> {
  for (const [key, row] of expected) {
    const found = actual.get(key) as Record<string, unknown> | undefined;
    if (!found) {
      yield `${table} ${key}: missing, expected ${show(row)}`;
      continue;
    }
    for (const [column, value] of Object.entries(row)) {
      if (isOpen(column, value)) continue;
      if (isDeepStrictEqual(found[column], value)) continue;
      yield `${table} ${key}: ${column} is ${show(found[column])}, expected ${show(value)}`;
    }
  }
  for (const [key, row] of actual) {
    if (!expected.has(key)) yield `${table} ${key}: should not be there: ${show(row)}`;
  }
}

/** These are never null in the tables: null is what the rules leave open. */
function isOpen(column: string, value: unknown): boolean {
  return value === null && ["created_at", "updated_at", "joined_at"].includes(column);
}

function show(value: unknown): string {
  return JSON.stringify(value);
}
