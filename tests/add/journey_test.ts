/** Clento's project, from the guide's tables to this version, and out again. */
import assert from "node:assert/strict";
import { join } from "node:path";
import postgres, { type Sql } from "postgres";
import { createClient } from "@supabase/supabase-js";
import { stackTokens } from "../../scripts/token/session_tokens.ts";
import { silentReport } from "../../scripts/stack/report.ts";
import { type Stack, startStack } from "../../scripts/stack/stack.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import { runCommand } from "../support/run_command.ts";
import { clento, CLERK, FILES, filesOf, fill, keepsakes } from "./clento.ts";
import { add, lendPackages, OLDER, push, RELEASE } from "./support.ts";

const serve = async (root: string): Promise<Stack & AsyncDisposable> => {
  const stack = await startStack({
    root,
    dataDir: join(root, ".stack"),
    apiPort: 0,
    dbPort: 0,
    functionEnv: { CLERK_WEBHOOK_SECRET: `whsec_${btoa("a secret of Clento's, long enough")}` },
    report: silentReport,
    signal: new AbortController().signal,
  });
  return { ...stack, [Symbol.asyncDispose]: stack.stop };
};

const open = (url: string): Sql & AsyncDisposable => {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  return Object.assign(sql, { [Symbol.asyncDispose]: () => sql.end() });
};

Deno.test({
  name: "Clento moves in, is upgraded and moves out, and loses nothing",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(test) {
    using project = clento();
    const { root } = project;
    lendPackages(root);
    await using clerk = startClerkApi({ instance: CLERK });
    let before: Record<string, unknown> = {};
    // Nothing of a run that failed is left to judge.
    const step = async (name: string, fn: () => Promise<void>) => {
      const options = { sanitizeOps: false, sanitizeResources: false };
      assert.ok(await test.step({ name, fn, ...options }), name);
    };

    {
      await using stack = await serve(root);
      await using sql = open(stack.env.DB_URL);
      await fill(sql);
      before = await keepsakes(sql);

      await step(
        "check tells what would be done, of the database too, and does nothing",
        async () => {
          assert.deepEqual([before.users, before.organizations, before.members], [3000, 300, 6000]);

          const files = filesOf(root, "supabase");
          const args = [root, "--check", "--db-url", stack.env.DB_URL];
          const check = await runCommand("add", { args });
          assert.equal(check.code, 0, check.stdout + check.stderr);
          assert.match(check.stdout, /\d\d migrations, first 20261124000050_preflight.sql/);
          assert.match(check.stdout, /public.users is taken over as it is, with 3000 rows/);
          assert.match(check.stdout, /Columns of yours in public.organizations .*: seats/);
          assert.match(check.stdout, /nothing in the database is in the way/);
          assert.deepEqual(filesOf(root, "supabase"), files);
          assert.deepEqual(await keepsakes(sql), before);
        },
      );

      await step(
        "the older version is added and pushed: every row, key and own column stays",
        async () => {
          assert.deepEqual(add(root, OLDER).obstacles, []);
          const pushed = await push(root, stack.env.DB_URL);
          assert.ok(pushed.success, pushed.stderr);
          assert.deepEqual(await keepsakes(sql), before);
          const [type] = await sql`select pg_typeof(created_at)::text as of from users limit 1`;
          assert.equal(type?.of, "timestamp with time zone");
        },
      );
    }

    {
      const plan = add(root);
      assert.deepEqual([plan.obstacles, plan.conflicts, plan.kept], [[], [], []]);
      await using stack = await serve(root);
      await using sql = open(stack.env.DB_URL);

      await step(
        "the newer one is its upgrade, and its functions are served beside Clento's",
        async () => {
          assert.deepEqual(await keepsakes(sql), before);
          const [said] = await sql`select public.sync_version() as version`;
          assert.equal(said?.version, RELEASE.version);
          const answer = async (path: string) => {
            const response = await fetch(`${stack.env.API_URL}/functions/v1/${path}`);
            return [response.status, await response.text()];
          };
          assert.deepEqual(await answer("hello"), [200, "hello"]);
          assert.equal((await answer("clerk-webhook"))[0], 405);
        },
      );

      const env = {
        SUPABASE_URL: stack.env.API_URL,
        SUPABASE_SECRET_KEY: stack.env.SECRET_KEY,
        WEBHOOK_URL: stack.env.WEBHOOK_URL,
        CLERK_WEBHOOK_SECRET: stack.env.CLERK_WEBHOOK_SECRET,
        CLERK_SECRET_KEY: clerk.secretKey,
        CLERK_API_URL: clerk.url,
      };
      const drift = async (...args: string[]) => {
        const { code, stdout, stderr } = await runCommand("drift", {
          args: ["--json", ...args],
          env,
        });
        assert.ok(stdout, stderr);
        return { code, report: JSON.parse(stdout) };
      };

      await step("drift shows first what Clerk would change", async () => {
        const { code, report } = await drift();
        assert.equal(code, 1);
        const kinds = new Set(report.differences.map(({ kind }: { kind: string }) => kind));
        assert.deepEqual([...kinds], ["stale"]);
        assert.deepEqual(await keepsakes(sql), before);
      });

      await step("backfill makes the rows Clerk's, and nothing else", async () => {
        const { code, stderr } = await runCommand("backfill", { env });
        assert.equal(code, 0, stderr);
        assert.deepEqual(await keepsakes(sql), before);
        const [old] = await sql`select count(*)::int from users where full_name = 'An old name'`;
        assert.equal(old?.count, 0);
      });

      await step("repair finds nothing that is left to do", async () => {
        const { code, report } = await drift("--repair");
        assert.deepEqual([code, report.differences], [0, []]);
        assert.deepEqual(await keepsakes(sql), before);
      });

      await step("the doctor finds no failure in the database", async () => {
        const { stdout } = await runCommand("doctor", { args: ["--json"], env });
        const { checks } = JSON.parse(stdout);
        const wrong = checks.filter(({ level }: { level: string }) => level === "failure");
        assert.deepEqual(wrong.map(({ id }: { id: string }) => id), []);
      });

      await step(
        "a member reads the organization, its people's names and none of Clento's columns",
        async () => {
          const [member] = await sql`
          select u.external_id as user, o.external_id as organization
          from organization_members m
          join users u on u.id = m.user_id and not u.banned and not u.deprovisioned
          join organizations o on o.id = m.organization_id
          order by (select count(*) from organization_members where organization_id = o.id) desc
          limit 1
        `;
          const tokens = await stackTokens(stack.env);
          const app = createClient(stack.env.API_URL, stack.env.PUBLISHABLE_KEY, {
            accessToken: () => tokens.sign({ sub: member!.user }),
          });
          const me = await app.from("users").select("external_id, stripe_customer_id");
          assert.deepEqual(me.data?.map(({ external_id }) => external_id), [member!.user]);
          const team = await app.from("organizations")
            .select("external_id, organization_members(public_user_data(full_name, avatar_url))")
            .eq("external_id", member!.organization);
          assert.equal(team.error, null);
          assert.ok(team.data!.length === 1 && team.data![0]!.organization_members.length > 1);
        },
      );
    }

    await step(
      "removed, it leaves tables, rows and files of Clento's, and can be added again",
      async () => {
        const removed = await runCommand("add", { args: [root, "--remove"] });
        assert.equal(removed.code, 0, removed.stdout + removed.stderr);
        const files = filesOf(root, "supabase");
        for (const [path, text] of Object.entries(FILES)) assert.equal(files[path], text, path);
        assert.deepEqual(Object.keys(files).filter((path) => /clerk|sync-from/.test(path)), [
          Object.keys(files).find((path) => path.endsWith("_remove_clerk_sync.sql")),
        ]);
        {
          await using stack = await serve(root);
          await using sql = open(stack.env.DB_URL);
          assert.deepEqual(await keepsakes(sql), before);
          const left = await sql`
          select p.oid::regprocedure::text as name
          from pg_proc p
          where p.pronamespace = 'public'::regnamespace
          union all
          select polname from pg_policy
          union all
          select nspname from pg_namespace where nspname = 'clerk_sync'
        `;
          assert.deepEqual(left.map(({ name }) => name), ["touch()"]);
          await sql`
          insert into users (external_id, email) values ('user_between', '')
        `;
          await sql`
          insert into organization_members (organization_id, user_id)
          select o.id, u.id from users u, organizations o where u.external_id = 'user_between' limit 1
        `;
          await sql`
          insert into subscriptions (external_id, organization_external_id, plan, status, created_at, updated_at)
          select 'csub_item_between', external_id, 'team', 'active', now(), now() from organizations limit 1
        `;
          assert.deepEqual(add(root).obstacles, []);
          const pushed = await push(root, stack.env.DB_URL);
          assert.ok(pushed.success, pushed.stderr);
          assert.equal((await keepsakes(sql)).users, 3001);
          const planOfPayer = async () =>
            (await sql`
            select o.plan from organizations o join subscriptions s on s.organization_external_id = o.external_id
          `)[0]?.plan;
          assert.equal(await planOfPayer(), "team");
          const ended = [{ p_external_id: "csub_item_between", p_status: "ended" }];
          await sql`select record_snapshots('subscription', ${sql.json(ended)})`;
          assert.equal(await planOfPayer(), "free");
        }
      },
    );
  },
});
