import { dirname, join } from "node:path";
import type { Sql } from "postgres";

/** What PostgreSQL logs while something runs; null where its log cannot be found. */
export async function serverLogDuring(sql: Sql, run: () => Promise<void>): Promise<string | null> {
  const file = await logFile(sql);
  const before = file ? Deno.statSync(file).size : 0;
  await run();
  if (!file) return null;
  return new TextDecoder().decode(Deno.readFileSync(file).subarray(before));
}

/** The local stack keeps the log beside the server's files. */
async function logFile(sql: Sql): Promise<string | null> {
  const [row] = await sql`select current_setting('data_directory') as cluster`;
  const file = join(dirname(row?.cluster), "logs", "postgres.log");
  try {
    Deno.statSync(file);
    return file;
  } catch {
    return null;
  }
}
