import { QuoteUtils } from "@pgsql/quotes";
import { UsageError } from "../command/usage_error.ts";

/** Schemas of PostgreSQL's, of Supabase's and the private one of the sync: the tables can't be in any of them. */
const TAKEN = new RegExp(
  "^(information_schema|auth|clerk_sync|cron|dbdev|extensions|net|repack|storage|topology|vault" +
    "|(pg|pgmq|pgsodium|tiger|graphql|supabase)(_.*)?|pgbouncer|pgtle|_?(analytics|realtime|supavisor))$",
);

/**
 * The name of the schema that the sync's tables, types and RPCs live in. It is one that PostgreSQL neither folds nor cuts nor
 * quotes, so that whatever shows it shows it as it is, and not that of a schema which isn't the app's. Throws a UsageError.
 */
export function parseSchema(text: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(text)) {
    throw new UsageError(
      "A schema's name is of small letters, digits and _, begins with no digit, and has 63 characters at most.",
    );
  }
  if (QuoteUtils.quoteIdentifier(text) !== text) {
    throw new UsageError(`${text} is a word of SQL: give the schema another name.`);
  }
  if (TAKEN.test(text)) {
    throw new UsageError(`The schema ${text} is not the app's: give the sync one that is.`);
  }
  return text;
}

/**
 * SQL of ours, which has its objects in `public`, with them in another schema: a migration, a pgTAP test, a remedy. The role
 * PUBLIC of grants stays. Where the first migration relies on `public` being there, the schema is made.
 */
export function inSchema(sql: string, schema: string): string {
  if (schema === "public") return sql;
  return sql
    .replace(/^grant usage on schema public\b/m, `create schema if not exists ${schema};\n$&`)
    .replaceAll(/(?<=\bschema |\bsearch_path = |\bin |')public\b(?! metadata)/g, schema)
    .replaceAll(/\bpublic(?=\\?\.[\w%)])/g, schema);
}

/** The file of the functions that says the schema, `_clerk_sync/schema.ts`, with another. */
export function functionsInSchema(code: string, schema: string): string {
  return code.replace(/^export const SCHEMA = "public";$/m, `export const SCHEMA = "${schema}";`);
}
