import { randomBytes } from "node:crypto";
import { cp } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Sql } from "postgres";
import { type Stack, startStack } from "../../../scripts/stack/stack.ts";
import { silentReport } from "../../../scripts/stack/report.ts";
import { NO_LIMIT, openDatabase, sum } from "../measuring.ts";
import type { Part, PartResult, RunOptions, Target } from "../part.ts";
import { figuresOf } from "./figures.ts";
import { startLoad } from "./load.ts";
import { measureRounds, type Sample, type Size } from "./rounds.ts";

const REPOSITORY = join(import.meta.dirname!, "..", "..", "..");

/** Beside the project's own functions and served in the same way: what each calls, by name. */
const HANDLERS = {
  "floor": "serveFloor",
  "ledger-row": "serveLedgerRow",
  "reference": "serveReference",
};

const FULL: Size = { rounds: 5, concurrencies: [1, 8, 32], stories: 150 };
const QUICK: Size = { rounds: 1, concurrencies: [1, 8], stories: 5 };

/** Deliveries through the local stack, beside what nobody gets below and what tutorials do. */
export const endToEnd: Part = {
  title: "Signed deliveries through the stack, beside one no-op RPC and a tutorial's handler",
  run,
};

async function run({ isQuick, seed, note, signal }: RunOptions): Promise<PartResult> {
  const size = isQuick ? QUICK : FULL;
  note("starting a stack with the floor and the reference …");
  await using stack = await startProject(signal);
  await using load = startLoad();
  await using sql = openDatabase(stack.env.DB_URL, signal);
  const ground = { stack, load, signal };

  note("warming up …");
  const once = { ...size, rounds: 1, concurrencies: size.concurrencies.slice(-1) };
  const warmUp = await measureRounds(once, { ...ground, seed: `${seed}/0`, note: () => {} });
  const samples = await measureRounds(size, { ...ground, seed: String(seed), note });
  note("comparing the rows …");
  const { targets, ...figures } = figuresOf(samples);
  const { rounds, concurrencies, stories } = size;
  return {
    settings: {
      rounds,
      "at once": concurrencies.join(", "),
      "events of each type in a round, at each concurrency": stories,
    },
    ...figures,
    targets: [...targets, ...await correctness(sql, [...warmUp, ...samples], stories)],
  };
}

/** Fast is nothing if it is not right: every answer, the ledger, and each row beside the reference's. */
async function correctness(sql: Sql, samples: Sample[], stories: number): Promise<Target[]> {
  const wrongAnswers = samples.flatMap(({ answers }) => Object.entries(answers))
    .filter(([answer]) => answer !== "200 applied");
  const ours = samples.filter(({ handler }) => handler === "ours");
  const delivered = ours.length * stories;
  const told = ours.filter(({ type }) => type === "user.created").length * stories;
  const wrongRows = await countWrongRows(sql, {
    users: told,
    organizations: told,
    organization_members: told * 2,
    user_sessions: told,
  });
  const [ledger] = await sql`
    select count(*)::integer as applied from clerk_sync.events where outcome = 'applied'
  `;
  const none = { limit: { atMost: 0 } };
  return [
    {
      name: "answers other than 200 applied",
      value: sum(wrongAnswers.map(([, count]) => count)),
      ...none,
    },
    { name: "events that the ledger lacks", value: delivered - ledger!.applied, ...none },
    { name: "rows that are not the reference's", value: wrongRows, ...none },
  ];
}

/** What each table says: all but our own ids, for which Clerk's stand. */
const ROWS = {
  users: (schema: string) => `
    select to_jsonb(u) - 'id' from ${schema}.users u`,
  organizations: (schema: string) => `
    select to_jsonb(o) - 'id' from ${schema}.organizations o`,
  organization_members: (schema: string) => `
    select
      to_jsonb(m) - '{id,organization_id,user_id}'::text[]
        || jsonb_build_object('organization', o.external_id, 'user', u.external_id)
    from ${schema}.organization_members m
    join ${schema}.organizations o on o.id = m.organization_id
    join ${schema}.users u on u.id = m.user_id`,
  user_sessions: (schema: string) => `
    select to_jsonb(s) - 'id' from ${schema}.user_sessions s`,
};

/** How many rows of a table ought to be there. */
type Expected = Record<keyof typeof ROWS, number>;

/** Counts the rows that are missing, and those that are not the same in our tables and the reference's. */
async function countWrongRows(sql: Sql, expected: Expected): Promise<number> {
  let wrong = 0;
  for (const [table, rowsOf] of Object.entries(ROWS)) {
    const [ours, reference] = [rowsOf("public"), rowsOf("reference")];
    const [row] = await sql.unsafe(`
      with
        different as (
          (${ours} except ${reference})
          union all
          (${reference} except ${ours})
        )
      select
        (select count(*)::integer from public.${table}) as present,
        (select count(*)::integer from different) as different
    `);
    wrong += Math.abs(expected[table as keyof Expected] - row!.present) + row!.different;
  }
  return wrong;
}

/** A stack of the project, with the floor and the reference beside its webhook, which leaves nothing behind. */
async function startProject(signal: AbortSignal): Promise<Stack & AsyncDisposable> {
  const root = await Deno.makeTempDir({ prefix: "benchmark-" });
  const removeRoot = () => Deno.remove(root, { recursive: true });
  try {
    // As root the server runs as another user, who has to get through.
    await Deno.chmod(root, 0o711);
    await makeProject(root);
    const stack = await startStack({
      root,
      dataDir: join(root, ".stack"),
      apiPort: 0,
      dbPort: 0,
      functionEnv: {
        CLERK_WEBHOOK_SECRET: `whsec_${randomBytes(32).toString("base64")}`,
        ...NO_LIMIT,
      },
      report: silentReport,
      signal,
    });
    return { ...stack, [Symbol.asyncDispose]: () => stack.remove().finally(removeRoot) };
  } catch (error) {
    await removeRoot();
    throw error;
  }
}

async function makeProject(root: string): Promise<void> {
  const supabase = join(root, "supabase");
  for (const name of ["deno.json", "package.json", "supabase/migrations", "supabase/functions"]) {
    await cp(join(REPOSITORY, name), join(root, name), { recursive: true, filter: isPublic });
  }
  await Deno.symlink(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
  const write = async (folder: string, file: string, text: string) => {
    await Deno.mkdir(join(supabase, "functions", folder));
    await Deno.writeTextFile(join(supabase, "functions", folder, file), text);
  };
  const handlers = await Deno.readTextFile(join(import.meta.dirname!, "handlers.ts"));
  // Beside the project's own functions these are nearer.
  const moved = handlers.replaceAll("../../../supabase/functions/", "../");
  await write("_benchmark", "handlers.ts", moved);
  for (const [name, serve] of Object.entries(HANDLERS)) {
    const program = `import { ${serve} } from "../_benchmark/handlers.ts";\n\n${serve}();\n`;
    await write(name, "index.ts", program);
  }
  await Deno.copyFile(
    join(import.meta.dirname!, "schema.sql"),
    join(supabase, "migrations", "99991231000000_benchmark.sql"),
  );
  const config = await Deno.readTextFile(join(REPOSITORY, "supabase", "config.toml"));
  const withSchema = config.replace('schemas = ["public"]', 'schemas = ["public", "reference"]');
  const served = Object.keys(HANDLERS).map((name) => `[functions.${name}]\nverify_jwt = false\n`);
  await Deno.writeTextFile(join(supabase, "config.toml"), [withSchema, ...served].join("\n"));
}

/** The user's own secrets stay where they are. */
function isPublic(path: string): boolean {
  return !basename(path).startsWith(".env");
}
