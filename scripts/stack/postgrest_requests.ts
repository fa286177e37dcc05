import type { AnyAST, IntrospectResult } from "@supabase/lite";
import { isExactNumber } from "../../supabase/functions/_clerk_sync/exact_json.ts";

type Select = AnyAST["select"];
type Joins = AnyAST["join"];

/**
 * The first two relations of which a request embeds one in the other though PostgREST knows no way between them; null when
 * there is none. It goes by a foreign key, or through a table whose primary key holds foreign keys to both, where
 * lite is content with any table between. What is no table, or is named by a constraint or a column, is left to lite.
 */
export function unrelatedEmbedding(
  ast: AnyAST,
  schema: IntrospectResult,
): [parent: string, child: string] | null {
  const parent = ast.type === "rpc" ? returnedBy(ast, schema) : ast.from;
  return parent === undefined ? null : search(parent, ast.select, ast.join, schema);
}

function search(
  parent: string,
  select: Select,
  joins: Joins,
  schema: IntrospectResult,
): [string, string] | null {
  for (const entry of select ?? []) {
    if (typeof entry === "string") continue;
    for (const [name, embed] of Object.entries(entry)) {
      if (!("select" in embed)) continue;
      const child = joins?.[name]?.from ?? name;
      if (!isRelated(parent, child, schema)) return [parent, child];
      const deeper = search(child, embed.select, embed.join, schema);
      if (deeper) return deeper;
    }
  }
  return null;
}

/** The table whose rows a function returns; of other rows only the function's own name is known. */
function returnedBy(ast: AnyAST, { functions = [] }: IntrospectResult): string | undefined {
  const called = functions.find(({ schema, name }) =>
    schema === (ast.schema ?? "public") && name === ast.function
  );
  return called?.return_typtype === "c" ? called.return_type.split(".").at(-1) : ast.function;
}

function isRelated(parent: string, child: string, schema: IntrospectResult): boolean {
  const { tables, functions = [], foreign_keys, primary_keys } = schema;
  const isTable = (name: string) => tables.some((table) => table.name === name);
  const isFunction = functions.some(({ name }) => name === parent);
  if (!isTable(child) || !(isTable(parent) || isFunction)) return true;
  const columnsOf = (table: string, target: string) =>
    foreign_keys.filter((key) => key.table === table && key.ref_table === target)
      .map(({ column }) => column);
  if (columnsOf(parent, child).length > 0 || columnsOf(child, parent).length > 0) return true;
  return primary_keys.some(({ table, columns }) =>
    [parent, child].every((target) =>
      columnsOf(table, target).some((column) => columns.includes(column))
    )
  );
}

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
