import type { AnyAST, IntrospectResult } from "@supabase/lite";

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
