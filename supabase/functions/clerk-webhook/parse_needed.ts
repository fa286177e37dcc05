import type * as z from "zod/mini";

/**
 * Parses data by a schema, leaving out what it can't read, and what is not whole without that. Fails where something required
 * is among it: an id is never made up for.
 */
export function parseNeeded<Schema extends z.ZodMiniType>(
  schema: Schema,
  data: unknown,
): z.core.util.SafeParseResult<z.infer<Schema>> {
  const parsed = schema.safeParse(data);
  const [issue] = parsed.error?.issues ?? [];
  if (!issue) return parsed;
  const rest = without(data, keysOf(issue.path));
  return rest === undefined ? parsed : parseNeeded(schema, rest);
}

/** An array goes as a whole: of a list that holds nonsense nothing is known. */
function keysOf(path: PropertyKey[]): string[] {
  const end = path.findIndex((key) => typeof key !== "string");
  return path.slice(0, end === -1 ? path.length : end) as string[];
}

/** A copy without what is at a path. Undefined where nothing is: then what should hold it goes, too. */
function without(value: unknown, [key, ...further]: string[]): unknown {
  if (key === undefined || typeof value !== "object" || value === null) return undefined;
  const { [key]: inner, ...others } = value as Record<string, unknown>;
  if (inner === undefined) return undefined;
  const left = without(inner, further);
  return left === undefined ? others : { ...others, [key]: left };
}
