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

/** Plain data without what PostgreSQL could never store: a copy where there is any of that. */
export function toStorable<Data extends object>(data: Data): Data {
  const text = JSON.stringify(data);
  return UNSTORABLE_ESCAPE.test(text) ? parseStorableJson(text) as Data : data;
}

function storable(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}
