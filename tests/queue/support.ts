import postgres, { type Sql } from "postgres";
import { type MigratedDatabase, migratedDatabase } from "../support/migrated_database.ts";
import { installPgmq } from "../support/pgmq.ts";

/** A message of the queue. */
export interface Message {
  kind: string;
  columns: string[];
  source: string;
  at: string;
  [id: `${string}_id`]: string;
}

/** A migrated database with pgmq, and a connection to it as its owner. */
export interface QueueDatabase extends AsyncDisposable {
  database: MigratedDatabase;
  sql: Sql;
  /** The messages that are sent meanwhile, in their order. Whatever was there before is not among them. */
  sentDuring(run: () => PromiseLike<unknown>): Promise<Message[]>;
  /** All messages that are there, in their order; they stay. */
  messages(): Promise<Message[]>;
}

export async function queueDatabase(): Promise<QueueDatabase> {
  const database = await migratedDatabase(installPgmq);
  const sql = postgres(database.url, { max: 4, onnotice: () => {} });
  return {
    database,
    sql,
    async sentDuring(run) {
      await sql`select pgmq.purge_queue('clerk_changes')`;
      await run();
      return await readMessages(sql);
    },
    messages: () => readMessages(sql),
    async [Symbol.asyncDispose]() {
      await sql.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** All messages of the queue, in their order; they stay. Columns come in no order, and are sorted here. */
export async function readMessages(sql: Sql): Promise<Message[]> {
  const rows = await sql`select message from pgmq.q_clerk_changes order by msg_id`;
  return rows.map(({ message }) => ({ ...message, columns: message.columns.toSorted() }));
}

/** The kinds of messages, as `user.appeared`. */
export function kindsOf(messages: Message[]): string[] {
  return messages.map(({ kind }) => kind);
}
