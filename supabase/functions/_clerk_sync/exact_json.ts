/** V8 has them, but the types of Deno do not all have them. */
const { parse, rawJSON, isRawJSON } = JSON as typeof JSON & {
  rawJSON(text: string): object;
  isRawJSON(value: unknown): boolean;
};

/** A number that a double may not hold: with an exponent, or of more than 15 digits. Within a string it does no harm. */
const INEXACT_NUMBER = /[\s:,[]-?(?:[\d.]{16}|[\d.]+[eE])/;

/** Strings, numbers and words whole, and the brackets: all that is left of valid JSON without commas and colons. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]|[^\s{}[\],:"]+/g;

/** PostgreSQL writes numbers out: larger ones would take many times the room that their JSON takes. */
const DIGITS_LIMIT = 1_000;

/**
 * Parses an object or a list of any depth: nothing here recurses, nor does V8 without a reviver. A number that a double does not
 * hold is kept by its digits, as what JSON.stringify writes again as it came. One of more than a thousand digits, or that many
 * zeros, becomes a double all the same; JSON.stringify makes null of those that are too large.
 */
export function parseExactJson(text: string): unknown {
  const json: unknown = parse(text);
  return INEXACT_NUMBER.test(text) ? build(text) : json;
}

/** Whether it is a number that was kept by its digits: to JavaScript that is an object. */
export function isExactNumber(value: unknown): boolean {
  return isRawJSON(value);
}

/** Builds what valid JSON says, with a list in place of the stack. */
function build(text: string): unknown {
  const open: (unknown[] | object)[] = [];
  let root: unknown;
  let key: string | null = null;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "}" || token === "]") {
      open.pop();
      continue;
    }
    const parent = open.at(-1);
    if (parent && !Array.isArray(parent) && key === null) {
      key = parse(token) as string;
      continue;
    }
    const value = token === "{" ? {} : token === "[" ? [] : scalarOf(token);
    if (!parent) root = value;
    else if (Array.isArray(parent)) parent.push(value);
    else {
      put(parent, key!, value);
      key = null;
    }
    if (token === "{" || token === "[") open.push(value as object);
  }
  return root;
}

/** An assignment takes __proto__ for something else than a key. */
function put(object: object, key: string, value: unknown): void {
  const property = { value, writable: true, enumerable: true, configurable: true };
  if (key === "__proto__") Object.defineProperty(object, key, property);
  else (object as Record<string, unknown>)[key] = value;
}

function scalarOf(token: string): unknown {
  const value: unknown = parse(token);
  if (typeof value !== "number" || isSame(token, String(value))) return value;
  return isShort(token) ? rawJSON(token) : value;
}

/** The parts of a number in JSON, or as JavaScript writes it. */
const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i;

/** Whether two texts of a number say the same number. */
function isSame(source: string, written: string): boolean {
  return source === written || source.length < 100 && decimalOf(source) === decimalOf(written);
}

/** Its digits without zeros around them, and where the point is; null for none, as Infinity. */
function decimalOf(number: string): string | null {
  const [, whole, fraction = "", exponent = "0"] = NUMBER.exec(number) ?? [];
  if (whole === undefined) return null;
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  return significant && `${significant}e${digits.length - fraction.length + Number(exponent)}`;
}

function isShort(number: string): boolean {
  const [, , , exponent = "0"] = NUMBER.exec(number) ?? [];
  return number.length <= DIGITS_LIMIT && Math.abs(Number(exponent)) <= DIGITS_LIMIT;
}
