import { parseHttpUrl } from "../project/project.ts";
import { UsageError } from "../command/usage_error.ts";

/** What is known of databases. */
export interface Known {
  /** What the running local stack wrote down. */
  stack: Record<string, string | undefined>;
  /** supabase/.temp/pooler-url, which `supabase link` writes; null: the project is not linked. */
  pooler: string | null;
  /** SUPABASE_DB_PASSWORD, as the CLI takes it. */
  password: string | undefined;
}

/**
 * The address of a project's database, by that of the project: the local stack's own; the pooler of the linked project; else
 * the direct one, https://supabase.com/docs/guides/database/connecting-to-postgres, which is reached by IPv6. Throws a
 * UsageError where it can't be told.
 */
export function databaseUrl(projectUrl: string, { stack, pooler, password }: Known): string {
  const { origin, hostname } = parseHttpUrl(projectUrl);
  if (stack.API_URL && stack.DB_URL && new URL(stack.API_URL).origin === origin) {
    return stack.DB_URL;
  }
  const [, ref] = /^([a-z0-9]{20})\.supabase\.co$/.exec(hostname) ?? [];
  if (!ref) {
    throw new UsageError(`Which database is that of ${hostname}? Name it: --db-url postgresql://…`);
  }
  if (!password) {
    throw new UsageError(`No password for the database of ${hostname}: set SUPABASE_DB_PASSWORD.`);
  }
  const linked = pooler && URL.parse(pooler.trim().replace("[YOUR-PASSWORD]", ""));
  const isLinked = linked && decodeURIComponent(linked.username) === `postgres.${ref}`;
  const url = isLinked
    ? linked
    : new URL(`postgresql://postgres@db.${ref}.supabase.co:5432/postgres`);
  url.password = encodeURIComponent(password);
  return url.href;
}
