/** JSON can say what PostgreSQL's text can't hold: U+0000 and halves of surrogate pairs. */
const UNSTORABLE_ESCAPE = /\\u(?:0000|d[89a-f])/i;

/** Parses JSON, leaving out what PostgreSQL could never store: it would be refused for ever. */
export function parseStorableJson(text: string): unknown {
  if (!UNSTORABLE_ESCAPE.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value === "string") return storable(value);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [storable(key), field]));
  });
}

/** A copy of plain data without what PostgreSQL could never store. */
export function toStorable<Data extends object>(data: Data): Data {
  return parseStorableJson(JSON.stringify(data)) as Data;
}

function storable(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}
