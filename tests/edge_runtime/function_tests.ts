/**
 * Those of tests/functions in which the runtime has a part (HTTP, bodies, keys, JSON, the depth of the stack, starting), as
 * one module for the Deno of the Edge Runtime. What the tests themselves use of a newer one is made up for here; what the
 * functions use has to be there.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";

/**
 * What reads files or fields alone comes out the same on any Deno, and what `memory_test.ts` looks for does not show on this
 * one: it would take half of the time.
 */
const LEFT_OUT = ["fields", "mapping", "memory", "removal", "versions"];

const FUNCTION_TESTS = new URL("../functions/", import.meta.url);

assert.partialDeepStrictEqual ??= (actual, expected) =>
  assert.deepEqual(within(actual, expected), expected);

// A newer Deno lets a test end with a timer left.
const { test } = Deno;
const lenient = { sanitizeOps: false, sanitizeResources: false };
const lenientTest = (name: string, ...rest: unknown[]) =>
  test({ ...lenient, ...rest.at(-2) as object, name, fn: rest.at(-1) as () => void });
Object.assign(Deno, { test: lenientTest });

const files = readdirSync(FUNCTION_TESTS, { recursive: true, encoding: "utf8" }).sort();
for (const file of files) {
  const [, name = ""] = /^(.+)_test\.ts$/.exec(file) ?? [];
  if (name && !LEFT_OUT.includes(name)) await import(new URL(file, FUNCTION_TESTS).href);
}

/** Of a value the part that another one speaks of. */
function within(value: unknown, part: unknown): unknown {
  if (typeof part !== "object" || part === null) return value;
  const of = (value ?? {}) as Record<string, unknown>;
  if (Array.isArray(part)) return part.map((item, index) => within(of[index], item));
  return Object.fromEntries(
    Object.entries(part).map(([key, item]) => [key, within(of[key], item)]),
  );
}
