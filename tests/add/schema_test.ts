import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { functionsInSchema, inSchema, parseSchema } from "../../scripts/add/schema.ts";
import { UsageError } from "../../scripts/command/usage_error.ts";
import { runCommand } from "../support/run_command.ts";
import { signedRequest } from "../support/signed_request.ts";
import { start, temporaryProject } from "../stack/project.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

Deno.test("a schema has a name that needs no quotes, and is the app's", () => {
  for (const name of ["public", "clerk", "_c1", "authn", "pgclerk", "a".repeat(63)]) {
    assert.equal(parseSchema(name), name);
  }
  const malformed = ["", "Clerk", "1a", "a-b", "a b", "a;b", 'a"b', "a'b", "ä", "a".repeat(64)];
  const words = ["order", "user", "values", "left"];
  const taken = ["pg_catalog", "pg_x", "information_schema", "auth", "storage", "extensions"]
    .concat("clerk_sync", "graphql_public", "realtime", "supabase_migrations", "vault", "cron");
  for (const name of [...malformed, ...words, ...taken]) {
    assert.throws(() => parseSchema(name), UsageError, name);
  }
});

const SQL: [what: string, ours: string, theirs: string][] = [
  ["a qualified name", "select public.f() from public.users", "select clerk.f() from clerk.users"],
  ["a name that is put together", "format('public.%I', 'public.' || t)"]
    .concat("format('clerk.%I', 'clerk.' || t)") as [string, string, string],
  ["a literal", "'public'::regnamespace, 'public'", "'clerk'::regnamespace, 'clerk'"],
  ["a path", "set search_path = public, extensions", "set search_path = clerk, extensions"],
  [
    "no role",
    "revoke all on all tables in schema public from public, anon; grant select on public.t to public;",
    "revoke all on all tables in schema clerk from public, anon; grant select on clerk.t to public;",
  ],
  ["no other name", "public_metadata, graphql_public.f, public metadata in public metadata"]
    .concat("public_metadata, graphql_public.f, public metadata in public metadata") as [
      string,
      string,
      string,
    ],
  [
    "the schema itself, where it is relied on",
    "-- first\ngrant usage on schema public to authenticated;",
    "-- first\ncreate schema if not exists clerk;\ngrant usage on schema clerk to authenticated;",
  ],
];
