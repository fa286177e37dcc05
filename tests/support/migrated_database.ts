import { join } from "node:path";
import type { Sql } from "postgres";
import { inSchema } from "../../scripts/add/schema.ts";
import { applyMigrations } from "../../scripts/stack/supabase_cli.ts";
import { prepareDatabase } from "../../scripts/stack/roles.ts";
import { asSuperuser } from "./as_superuser.ts";
import { stackEnv, superuserUrl } from "./stack_env.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

/** A database of its own on the stack's server. */
export type MigratedDatabase = AsyncDisposable & { url: string; superuserUrl: string };

/**
 * Makes a database, lets the superuser prepare it further, and migrates it as `postgres`, with the sync in a schema. It goes when
 * it is disposed of.
 */
export async function migratedDatabase(
  prepare: (superuser: Sql) => Promise<unknown>,
  schema = "public",
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
    await migrate(url.href, schema);
    return database;
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

async function migrate(dbUrl: string, schema: string): Promise<void> {
  const options = { dbUrl, log: { write: () => {} } };
  if (schema === "public") return void await applyMigrations({ ...options, root: ROOT });
  const root = await Deno.makeTempDir();
  const folder = join("supabase", "migrations");
  try {
    await Deno.mkdir(join(root, folder), { recursive: true });
    for (const { name } of Deno.readDirSync(join(ROOT, folder))) {
      const sql = await Deno.readTextFile(join(ROOT, folder, name));
      await Deno.writeTextFile(join(root, folder, name), inSchema(sql, schema));
    }
    await applyMigrations({ ...options, root });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}
