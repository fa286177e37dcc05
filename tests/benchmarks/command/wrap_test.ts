import assert from "node:assert/strict";
import { wrap } from "./wrap.ts";

Deno.test("a text is broken between words, as late as the width allows", () => {
  assert.deepEqual(wrap("one two three four", 9), ["one two", "three", "four"]);
  assert.deepEqual(wrap("one two", 7), ["one two"]);
});

Deno.test("a word that is longer than a line stays whole", () => {
  assert.deepEqual(wrap("a incomprehensible b", 5), ["a", "incomprehensible", "b"]);
});
