import { parseExactJson } from "./exact_json.ts";

/** JSON can say what PostgreSQL's text can't hold: U+0000 and halves of surrogate pairs. */
const UNSTORABLE_ESCAPE = /\\u(?:0000|d[89a-f])/i;

/** Each escape, so that a backslash which is one itself is none before the next letter. */
const NULL_OR_OTHER = /\\(?:u0000|.)/g;
const SURROGATE_OR_OTHER = /\\(?:ud[89ab]..\\ud[c-f]..|ud[89a-f]..|.)/gi;

/** Text without what PostgreSQL could never store: it would be refused for ever. */
export function storable(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}

/** JSON text without it, in keys and values alike: read as text, for JSON may be nested deeper than a stack is. */
export function storableJson(json: string): string {
  if (!UNSTORABLE_ESCAPE.test(json)) return json;
  return json
    .replace(NULL_OR_OTHER, (escape) => escape === "\\u0000" ? "" : escape)
    // A whole pair has 12 characters, half a one 6, any other escape 2.
    .replace(SURROGATE_OR_OTHER, (escape) => escape.length === 6 ? "\ufffd" : escape);
}

/** Plain data without it: a copy where there is any of that. */
export function toStorable<Data extends object>(data: Data): Data {
  const json = JSON.stringify(data);
  const clean = storableJson(json);
  return clean === json ? data : parseExactJson(clean) as Data;
}
