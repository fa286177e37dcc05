import fc from "fast-check";
import assert from "node:assert/strict";
import { parseExactJson } from "../../supabase/functions/_clerk_sync/exact_json.ts";

/** What comes out of a text that is parsed and written again. */
function writtenAgain(json: string): string {
  return JSON.stringify(parseExactJson(json));
}

/** A number in JSON as a whole number of 10^-2000ths. */
function scaled(number: string): bigint {
  const [mantissa = "", exponent = "0"] = number.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  return BigInt(whole + fraction) * 10n ** BigInt(2_000 + Number(exponent) - fraction.length);
}

const digits = (most: number) => fc.stringMatching(new RegExp(`^\\d{1,${most}}$`));

const NUMBER = fc.record({
  sign: fc.constantFrom("", "-"),
  whole: fc.oneof(fc.constant("0"), fc.stringMatching(/^[1-9]\d{0,40}$/)),
  fraction: fc.option(digits(40)),
  exponent: fc.option(fc.integer({ min: -900, max: 900 })),
}).map(({ sign, whole, fraction, exponent }) =>
  sign + whole + (fraction === null ? "" : `.${fraction}`) +
  (exponent === null ? "" : `e${exponent}`)
);

Deno.test("a number is written again as the number that came, however many digits it has", () => {
  fc.assert(fc.property(NUMBER, (number) => {
    for (const json of [`[${number}]`, `{"a": ${number} }`, `{"a":[1,${number}]}`]) {
      const [again = ""] = writtenAgain(json).match(/-?\d[^,\]}]*/g)!.slice(-1);
      assert.equal(scaled(again), scaled(number), json);
    }
  }));
});

Deno.test("what JavaScript's own numbers hold are numbers", () => {
  const json = '{"a":1772442000608,"b":1.5,"c":1e3,"d":0.10,"e":-0,"f":1772442000608.0,"g":1E21}';
  assert.deepEqual(parseExactJson(json), {
    ...{ a: 1772442000608, b: 1.5, c: 1000, d: 0.1, e: -0, f: 1772442000608, g: 1e21 },
  });
});

Deno.test("all other JSON is what it is, beside such a number too", () => {
  fc.assert(fc.property(fc.jsonValue({ noUnicodeString: false }), fc.nat(4), (value, spaces) => {
    const json = JSON.stringify({ value, exact: 0 }, null, spaces);
    assert.deepEqual(parseExactJson(json), JSON.parse(json));
    const beside = json.replace(/"exact": ?0/, '"exact":1e400');
    assert.equal(writtenAgain(beside), writtenAgain(json).replace(/0}$/, "1e400}"));
  }));
});

Deno.test("every key stays, __proto__ too, and of two the later", () => {
  const keys = '{"__proto__":{"a":1e400},"constructor":1,"toString":[{"__proto__":1}]}';
  for (const json of [keys, keys.replace("1e400", "1")]) assert.equal(writtenAgain(json), json);
  assert.equal(writtenAgain('{"a":1e400,"b":1,"a":{}}'), '{"a":{},"b":1}');
});

Deno.test("a number of more than a thousand digits is what a double makes of it", () => {
  const exponents = "[1e1000,1e1001,-1e999999999999999999999,1e-1001]";
  assert.equal(writtenAgain(exponents), "[1e1000,null,null,0]");
  const nines = "9".repeat(1_001);
  assert.equal(writtenAgain(`[0.${nines},1e400]`), "[1,1e400]");
  assert.equal(writtenAgain(`[${nines}]`), "[null]");
});

Deno.test("no depth is too deep", () => {
  for (const levels of [3_400, 200_000]) {
    const json = `${"[".repeat(levels)}1e400${"]".repeat(levels)}`;
    let value = parseExactJson(json);
    for (let level = 1; level < levels; level++) [value] = value as unknown[];
    assert.equal(JSON.stringify(value), "[1e400]");
  }
});

Deno.test("what is no JSON is refused, whatever numbers are in it", () => {
  const texts = ["", "1e", "[1e400", '{"a":1e400,}', "[01e400]", "[1e400]]", "NaN", "[.1e400]"];
  for (const text of texts) assert.throws(() => parseExactJson(text), SyntaxError, text);
});
