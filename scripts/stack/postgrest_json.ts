import type { AnyAST, IntrospectResult } from "@supabase/lite";
import { isExactNumber } from "../../supabase/functions/_clerk_sync/exact_json.ts";

/** PostgREST reads JSON more strictly than JavaScript does: half a surrogate pair is no text to it. */
const SURROGATE_ESCAPE = /\\ud[89a-f]/i;

/** PostgREST's answer to a request whose body JavaScript takes for JSON, but PostgREST does not; null for all others. */
export async function refusalOfJson(request: Request): Promise<Response | null> {
  if (!request.headers.get("content-type")?.includes("json")) return null;
  const body = await request.clone().text();
  if (!SURROGATE_ESCAPE.test(body) || isWellFormed(body)) return null;
  const error = { code: "PGRST102", details: null, hint: null, message: "Empty or invalid json" };
  return Response.json(error, { status: 400 });
}

function isWellFormed(json: string): boolean {
  let isWhole = true;
  const look = (key: string, value: unknown) => {
    isWhole &&= key.isWellFormed() && (typeof value !== "string" || value.isWellFormed());
    return value;
  };
  try {
    JSON.parse(json, look);
  } catch {
    // What is no JSON at all has its answer from the Data API.
  }
  return isWhole;
}

/**
 * A request whose texts for json arguments and columns are JSON themselves. lite writes objects and lists as JSON but hands
 * a text over as it is, so that `"[1]"` would become a list: for PostgREST it is a text. In a URL everything is text, and is
 * JSON already.
 */
export function jsonAsText(ast: AnyAST, schema: IntrospectResult): AnyAST {
  const inSchema = (of: { schema?: string }) => of.schema === (ast.schema ?? "public");
  if (ast.type === "rpc") {
    if (!ast.args || Array.isArray(ast.args) || ast.httpMethod === "GET") return ast;
    const called = schema.functions?.find((of) => inSchema(of) && of.name === ast.function);
    const names = called?.arg_names.filter((_, i) => isJson(called.arg_types[i])) ?? [];
    return { ...ast, args: encode(ast.args, names) };
  }
  if (!ast.values) return ast;
  const names = schema.columns
    .filter((of) => inSchema(of) && of.table === ast.from && isJson(of.type))
    .map(({ name }) => name);
  const { values } = ast;
  return {
    ...ast,
    values: Array.isArray(values) ? values.map((row) => encode(row, names)) : encode(values, names),
  };
}

function isJson(type: string | undefined): boolean {
  return type === "json" || type === "jsonb";
}

function encode(row: object, names: string[]): object {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      // What is no JSON takes a number's digits as text, or refuses them.
      (names.includes(name) ? typeof value === "string" : isExactNumber(value))
        ? JSON.stringify(value)
        : value,
    ]),
  );
}
