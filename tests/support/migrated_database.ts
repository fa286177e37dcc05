import { join } from "node:path";
import type { Sql } from "postgres";
import { applyMigrations } from "../../scripts/stack/supabase_cli.ts";
import { prepareDatabase } from "../../scripts/stack/roles.ts";
import { asSuperuser } from "./as_superuser.ts";
import { stackEnv, superuserUrl } from "./stack_env.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

/** A database of its own on the stack's server. */
export type MigratedDatabase = AsyncDisposable & { url: string; superuserUrl: string };

/** Makes a database, lets the superuser prepare it further, and migrates it as `postgres`. It goes when it is disposed of. */
export async function migratedDatabase(
  prepare: (superuser: Sql) => Promise<unknown>,
): Promise<MigratedDatabase> {
  const name = `migrated_${crypto.randomUUID().replaceAll("-", "")}`;
  const url = new URL(stackEnv().DB_URL);
  await asSuperuser(superuserUrl(), (sql) => sql`create database ${sql(name)}`);
  url.pathname = name;
  const database = {
    url: url.href,
    superuserUrl: superuserUrl(name),
    [Symbol.asyncDispose]: () =>
      asSuperuser(superuserUrl(), (sql) => sql`drop database ${sql(name)} with (force)`),
  };
  try {
    await asSuperuser(superuserUrl(name), async (sql) => {
      await prepareDatabase(sql);
      await prepare(sql);
    });
    await applyMigrations({ root: ROOT, dbUrl: url.href, log: { write: () => {} } });
    return database;
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}
