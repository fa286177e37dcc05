/** The programs of supabase/docs/reacting.md run as they are written there, on a stack with pgmq. */
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import postgres, { type Sql } from "postgres";
import { silentReport } from "../../scripts/stack/report.ts";
import { type Stack, startStack } from "../../scripts/stack/stack.ts";
import { codeIn, readPage, readText, sectionOf } from "../docs/pages.ts";
import { asSuperuser } from "../support/as_superuser.ts";
import { PG_CRON } from "../support/pg_cron.ts";
import { eventually } from "../stack/eventually.ts";
import { EXPOSE_QUEUES, installPgmq } from "../support/pgmq.ts";

const PAGE = readPage("supabase/docs/reacting.md");
const ROOT = join(import.meta.dirname!, "..", "..");
const DRAIN_SECRET = "drain-secret-of-these-tests";

/** A block of code under a heading of the page. */
function example(anchor: string, language: string): string {
  const [code] = codeIn(sectionOf(PAGE, anchor), language);
  if (!code) throw new Error(`no ${language} under #${anchor}`);
  return code;
}

/** A mail service that sends one mail for each idempotency key. */
function startMail() {
  const sent = new Map<string, string>();
  let refusals = 0;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { to } = await request.json();
    if (refusals-- > 0) return new Response("busy", { status: 503 });
    sent.set(request.headers.get("idempotency-key")!, to);
    return Response.json({ id: "mail" });
  });
  return { server, sent, refuse: (times: number) => refusals = times };
}

/** A project of an app's, with the sync and the page's function, its queue exposed and on. */
async function startProject(mailPort: number): Promise<Stack & AsyncDisposable> {
  const root = await Deno.makeTempDir({ prefix: "app-" });
  await Deno.chmod(root, 0o711);
  for (const folder of ["migrations", "functions/_clerk_sync", "functions/clerk-webhook"]) {
    await cp(join(ROOT, "supabase", folder), join(root, "supabase", folder), { recursive: true });
  }
  // Then its functions have the packages that are installed here.
  await Deno.symlink(join(ROOT, "node_modules"), join(root, "node_modules"));
  await Deno.writeTextFile(
    join(root, "deno.json"),
    '{ "nodeModulesDir": "manual", "lock": false }',
  );
  await Deno.copyFile(join(ROOT, "package.json"), join(root, "package.json"));
  await Deno.mkdir(join(root, "supabase/functions/welcome"));
  const welcome = example("a-mail-of-welcome", "ts");
  await Deno.writeTextFile(join(root, "supabase/functions/welcome/index.ts"), welcome);
  const config = readText("supabase/config.toml")
    .replace('schemas = ["public"]', 'schemas = ["public", "pgmq_public"]')
    .replace("[auth]", "[functions.welcome]\nverify_jwt = false\n\n[auth]");
  await Deno.writeTextFile(join(root, "supabase/config.toml"), config);
  const stack = await startStack({
    root,
    dataDir: join(root, ".stack"),
    apiPort: 0,
    dbPort: 0,
    functionEnv: {
      CLERK_WEBHOOK_SECRET: `whsec_${btoa("a secret of these tests alone")}`,
      DRAIN_SECRET,
      RESEND_API_KEY: "key",
      MAIL_URL: `http://127.0.0.1:${mailPort}/emails`,
    },
    report: silentReport,
    signal: new AbortController().signal,
  });
  await asSuperuser(stack.superuserUrl, async (sql) => {
    await installPgmq(sql);
    await sql.unsafe(`set role postgres; ${EXPOSE_QUEUES}; notify pgrst, 'reload schema'`).simple();
  });
  return {
    ...stack,
    [Symbol.asyncDispose]: async () => {
      await stack.remove();
      await Deno.remove(root, { recursive: true });
    },
  };
}

let mail: ReturnType<typeof startMail>;
let stack: Stack & AsyncDisposable;
let sql: Sql;

Deno.test.beforeAll(async () => {
  mail = startMail();
  stack = await startProject((mail.server.addr as Deno.NetAddr).port);
  sql = postgres(stack.env.DB_URL, { max: 2, onnotice: () => {} });
  await sql`select public.sync_enable_change_queue()`;
  // The Data API reads its schemas anew.
  await eventually("the function reads the queue", async () => await drain() === 200);
});
Deno.test.afterAll(async () => {
  await sql.end();
  await stack[Symbol.asyncDispose]();
  await mail.server.shutdown();
});

const signUp = (id: string) =>
  sql`select public.upsert_user(${id}, ${`${id}@example.com`}, p_event_id => ${`msg_${id}`}, p_event_at => now())`;
const messages = async () =>
  (await sql`select count(*)::int as count from pgmq.q_clerk_changes`)[0]!.count;
const showAgain = () => sql`update pgmq.q_clerk_changes set vt = now() where true`;

async function drain(secret = DRAIN_SECRET): Promise<number> {
  const headers = { authorization: `Bearer ${secret}` };
  const { status, body } = await fetch(`${stack.env.API_URL}/functions/v1/welcome`, {
    method: "POST",
    headers,
  });
  await body?.cancel();
  return status;
}

Deno.test("who signs up gets one mail, and the message is done", async () => {
  await signUp("user_mail");
  assert.equal(await drain(), 200);
  assert.deepEqual([...mail.sent], [["welcome/user_mail", "user_mail@example.com"]]);
  assert.equal(await messages(), 0);
});

Deno.test("a mail that is refused is sent when the message comes again", async () => {
  mail.sent.clear();
  await signUp("user_again");
  mail.refuse(1);
  assert.equal(await drain(), 500);
  assert.equal(await messages(), 1);
  await showAgain();
  assert.equal(await drain(), 200);
  assert.deepEqual([...mail.sent.keys()], ["welcome/user_again"]);
});

Deno.test("a message that is read twice is one mail", async () => {
  mail.sent.clear();
  await signUp("user_twice");
  const [kept] = await sql`select message from pgmq.q_clerk_changes`;
  assert.equal(await drain(), 200);
  await sql`insert into pgmq.q_clerk_changes (vt, message) values (now(), ${
    sql.json(kept!.message)
  })`;
  assert.equal(await drain(), 200);
  assert.equal(mail.sent.size, 1);
});

Deno.test("a user without an address, one who is gone, and other kinds get none", async () => {
  mail.sent.clear();
  await sql`select public.upsert_user('user_no_mail', p_event_id => 'msg_no_mail', p_event_at => now())`;
  await signUp("user_brief");
  await sql`select public.delete_user('user_brief', p_event_id => 'msg_brief_2', p_event_at => now())`;
  assert.equal(await drain(), 200);
  assert.deepEqual([mail.sent.size, await messages()], [0, 0]);
});

Deno.test("without the secret nothing is read", async () => {
  await signUp("user_secret");
  assert.equal(await drain("wrong"), 401);
  assert.equal(await messages(), 1);
  assert.equal(await drain(), 200);
});

Deno.test("what pg_cron runs calls the function while there is something to read, and else does not", async () => {
  await asSuperuser(stack.superuserUrl, async (superuser) => {
    // What Vault, pg_net and pg_cron put into a database, as far as the page uses it.
    await superuser.unsafe(`
      create schema vault;
      create table vault.decrypted_secrets (name text, decrypted_secret text);
      create function vault.create_secret(new_secret text, new_name text) returns void language sql
        as 'insert into vault.decrypted_secrets values (new_name, new_secret)';
      create schema net;
      create table net.asked (url text, headers jsonb);
      create function net.http_post(url text, headers jsonb) returns bigint language sql
        as 'insert into net.asked values (url, headers) returning 1::bigint';
      ${PG_CRON}`).simple();
    const cron = example("a-mail-of-welcome", "sql").replace("<some 32 random bytes>", DRAIN_SECRET)
      .replace("https://<project ref>.supabase.co", stack.env.API_URL);
    await superuser.unsafe(cron).simple();
    const [job] = await superuser`select command from cron.job where jobname = 'welcome'`;
    assert.equal(await messages(), 0);
    await superuser.unsafe(job!.command);
    assert.equal((await superuser`select from net.asked`).length, 0);
    await signUp("user_cron");
    await superuser.unsafe(job!.command);
    const [asked, ...others] = await superuser`select * from net.asked`;
    assert.deepEqual(others, []);
    const response = await fetch(asked!.url, { method: "POST", headers: asked!.headers });
    assert.deepEqual(await response.json(), { read: 1 });
  });
});

Deno.test("the worker counts the seats of an organization whose members change, and goes on after an error", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(join(folder, "worker.ts"), example("a-worker", "ts"));
  const worker = new Deno.Command(Deno.execPath(), {
    args: ["run", `--config=${join(ROOT, "deno.json")}`, "--allow-env", "--allow-net"]
      .concat(join(folder, "worker.ts")),
    env: { SUPABASE_URL: stack.env.API_URL, SUPABASE_SECRET_KEY: stack.env.SECRET_KEY },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  try {
    const refused = { kind: "member.joined", organization_id: "no id" };
    await sql`insert into pgmq.q_clerk_changes (vt, message) values (now(), ${sql.json(refused)})`;
    await sql`select public.upsert_org_with_owner('org_seats', 'Engines', p_created_by => 'user_mail',
      p_event_id => 'msg_seats_1', p_event_at => now())`;
    await sql`select public.set_membership('org_seats', 'user_cron', p_external_id => 'orgmem_seats',
      p_event_id => 'msg_seats_2', p_event_at => now())`;
    const [row] = await sql`select id from public.organizations where external_id = 'org_seats'`;
    for await (const text of worker.stdout.pipeThrough(new TextDecoderStream())) {
      if (text.includes(`${row!.id} has 2 seats`)) break;
    }
  } finally {
    worker.kill();
    await worker.status;
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the trigger of the page counts who signs up, and not whom a backfill writes", async () => {
  await sql`create table public.sign_ups (user_id uuid primary key)`;
  await sql.unsafe(example("triggers-and-why-a-row-is-written", "sql")).simple();
  await sql`create trigger count_sign_up after insert on public.users for each row
    execute function public.count_sign_up()`;
  await signUp("user_counted");
  await sql`select public.upsert_user('user_by_hand')`;
  const { API_URL, SECRET_KEY } = stack.env;
  const response = await fetch(`${API_URL}/rest/v1/rpc/sync_upsert_users`, {
    method: "POST",
    headers: {
      apikey: SECRET_KEY,
      "content-type": "application/json",
      "clerk-sync-source": "backfill",
    },
    body: JSON.stringify({ p_users: [{ p_external_id: "user_filled_in" }] }),
  });
  assert.deepEqual(await response.json(), { applied: 1, stale: 0 });
  const counted = await sql`
    select external_id from public.sign_ups join public.users on id = user_id`;
  assert.deepEqual(counted.map(({ external_id }) => external_id), ["user_counted"]);
});

Deno.test("the SQL of #storage is what pgTAP tests", () => {
  assert.ok(
    readText("tests/database/storage_recipe.sql").includes(example("storage", "sql")),
  );
});
