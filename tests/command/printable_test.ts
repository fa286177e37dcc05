import { deepEqual, doesNotMatch, equal } from "node:assert/strict";
import { printable, printableJson, visible } from "../../scripts/command/printable.ts";

/** C0, DEL and C1, and what turns the direction of text. */
const STEERING = [...Array(0xa0).keys(), 0x202e, 0x2066]
  .filter((code) => code < 0x20 || code > 0x7e)
  .map((code) => String.fromCharCode(code)).join("");

Deno.test("text from elsewhere steers no terminal", () => {
  const text = `a${STEERING}z`;
  doesNotMatch(printable(text), /\p{C}/u);
  doesNotMatch(visible(text).replaceAll(/[\n\t]/g, ""), /\p{C}/u);
  doesNotMatch(printableJson({ text }), /\p{C}/u);
});

Deno.test("JSON that is shown is the same JSON", () => {
  const value = { text: `a${STEERING}z`, family: "👨‍👩‍👧", half: "\ud800", [STEERING]: [1, null] };
  deepEqual(JSON.parse(printableJson(value)), value);
  deepEqual(JSON.parse(visible(JSON.stringify(value))), value);
});

Deno.test("lines and letters stay what they are", () => {
  equal(visible("é 你 🙂\n\tat x.ts:1"), "é 你 🙂\n\tat x.ts:1");
});
