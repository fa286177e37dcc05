import { readExpected } from "../../scripts/doctor/expected.ts";
import { STORY_TYPES } from "../../scripts/simulate/samples.ts";
import { ClerkApiError } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import { cases, NOW, rpcs, type World } from "./context.ts";

const asked = (answers: Record<string, unknown>): World => ({ answer: rpcs(answers) });
const refused = (status: number, code: string): World => ({
  answer: () => Response.json({ code }, { status }),
});
const keyed = (text: string): World => ({
  target: { secretKey: { text, source: "SUPABASE_SECRET_KEY" } },
  ...asked({ sync_bound_instance: null }),
});
const jwt = (role: string) => `eyJh.${btoa(JSON.stringify({ role })).replaceAll("=", "")}.sig`;
const ago = (days: number) => new Date(NOW.getTime() - days * 86_400_000).toISOString();
const EMPTY: World = { answer: () => Response.json([]) };

cases("api-key", [
  ["the secret one", keyed("sb_secret_x"), /^ok/],
  ["a legacy service_role key", keyed(jwt("service_role")), /^ok/],
  ["none", { target: { secretKey: null } }, /^failure no key/],
  ["a publishable one", keyed("sb_publishable_x"), /^failure .* is a publishable key/],
  ["a legacy anon key", keyed(jwt("anon")), /^failure .*of the role anon/],
  ["Clerk's", keyed("sk_test_x"), /^failure .*Clerk's secret key/],
  ["a refused one", refused(401, "x"), /^failure the project refuses it/],
  ["a powerless one", refused(403, "42501"), /^failure .*may not call/],
  ["no RPCs", refused(404, "PGRST202"), /^failure .*RPCs are not there .*db push/],
  [
    "a schema that is not exposed",
    { ...refused(406, "PGRST106"), target: { schema: "clerk" } },
    /^failure the Data API does not expose schema clerk .*Exposed schemas, or \[api\] schemas/,
  ],
  [
    "no Data API",
    { answer: () => new Response("<html>", { status: 404 }) },
    /^failure .*no Data API/,
  ],
  ["no project", { target: { projectUrl: null } }, /^failure no project/],
]);

const EXPECTED = readExpected();
const described = [...EXPECTED.rpcs].map(([rpc, { parameters, callers }]) => ({
  rpc,
  parameters,
  callers,
}));
const describe = (rows: unknown[]): World => asked({ sync_describe_rpcs: rows });
const changed = (name: string, change: object): World =>
  describe(described.map((row) => row.rpc === name ? { ...row, ...change } : row));

const keeping = (rows: unknown[]): World => asked({ sync_describe_keeping_keys: rows });

cases("keeping-keys", [
  ["none", keeping([]), /^ok none/],
  [
    "those that keep rows are named",
    keeping([{
      constraint_name: "tasks_member_fkey",
      table_name: "public.tasks",
      referenced_table: "public.organization_members",
    }]),
    /^warning tasks_member_fkey of public\.tasks keeps rows of public\.organization_members/,
  ],
]);

const [major, ...rest] = EXPECTED.version.split(".");
const NEWER = [Number(major) + 1, ...rest].join(".");

cases("version", [
  ["the same", asked({ sync_version: EXPECTED.version }), /^ok \d+\.\d+\.\d+, /],
  [
    "an older database",
    asked({ sync_version: "0.0.9" }),
    /^failure the database has 0\.0\.9, .*npm run add -- .*then there npx supabase db push/,
  ],
  [
    "a newer database",
    asked({ sync_version: NEWER }),
    /^failure these commands are .*Update this folder to that version/,
  ],
  ["numbers, not letters", asked({ sync_version: `${major}.100.0` }), /^failure these commands/],
  ["one that can't say", asked({}), /^failure the database has none, .*npm run add/],
  ["another answer", asked({ sync_version: "latest" }), /^failure .*returns something else/],
  ["a refusal", refused(500, "57014"), /^failure sync_version fails \(57014\)/],
]);

const RENUMBERED = EXPECTED.migrations.map((version) => `2999${version.slice(4)}`);

cases("migrations", [
  [
    "all",
    asked({ sync_applied_migrations: [...EXPECTED.migrations, "29990101000000"] }),
    /^ok all/,
  ],
  [
    "one that is missing",
    asked({
      sync_applied_migrations: EXPECTED.migrations.slice(1),
      sync_version: EXPECTED.version,
    }),
    new RegExp(`^failure 1 of .*${EXPECTED.migrations[0]}`),
  ],
  [
    "all, under numbers of the app's own",
    asked({ sync_applied_migrations: RENUMBERED, sync_version: EXPECTED.version }),
    /^ok all of .* under numbers of the project's own/,
  ],
  [
    "an older version, under numbers of the app's own",
    asked({ sync_applied_migrations: RENUMBERED, sync_version: "0.0.9" }),
    /^failure \d+ of \d+ are missing/,
  ],
  ["what is not recorded", asked({ sync_applied_migrations: null }), /^warning/],
  [
    "an older database can't say",
    asked({}),
    /^failure sync_applied_migrations is not there .*db push/,
  ],
]);

cases("rpcs", [
  ["all as expected", describe(described), /^ok all/],
  ["one that is missing", describe(described.slice(1)), /^failure \w+ is missing/],
  [
    "other parameters",
    changed("upsert_user", { parameters: [] }),
    /^failure upsert_user has other parameters/,
  ],
  [
    "one that anybody may call",
    changed("delete_org", { callers: ["anon", "service_role"] }),
    /^failure delete_org can be called by anon/,
  ],
  ["twice", describe([...described, described[0]!]), /^failure .*more than once/],
]);

cases("rpcs-answer", [
  ["one that fails", refused(500, "57014"), /^failure sync_bound_instance fails \(57014\)/],
  ["all answering", EMPTY, /^ok/],
]);

cases("schema", [
  ["columns that are there", EMPTY, /^ok/],
  ["a missing table", refused(404, "PGRST205"), /^failure users is missing/],
  ["a missing column is told", refused(400, "42703"), /^failure users lacks a column/],
]);

const TABLE = {
  table_name: "public.users",
  has_row_level_security: true,
  anon_may: [],
  authenticated_may: ["select"],
};
const tables = (changes: object): World =>
  asked({ sync_describe_tables: [{ ...TABLE, ...changes }] });

cases("row-level-security", [
  ["on", tables({}), /^ok/],
  ["off", tables({ has_row_level_security: false }), /^failure off on public\.users .*enable/],
  ["anon's grant", tables({ anon_may: ["select"] }), /^failure anon may select .*revoke/],
  [
    "writing",
    tables({ authenticated_may: ["select", "update"] }),
    /^failure authenticated may update/,
  ],
  [
    "in clerk_sync even reading is",
    tables({ table_name: "clerk_sync.events" }),
    /^failure authenticated may select on clerk_sync\.events/,
  ],
  ["no table at all", asked({ sync_describe_tables: [] }), /^failure/],
]);

cases("anonymous", [
  ["42501", refused(401, "42501"), /^ok/],
  ["a row", { answer: () => Response.json([{ id: 1 }]) }, /^failure anybody reads users/],
  [
    "a row of another schema, and only of that",
    {
      target: { schema: "clerk" },
      answer: ({ headers }) => Response.json(headers.get("accept-profile") === "clerk" ? [1] : []),
    },
    /^failure anybody reads users → revoke all on clerk\.users from anon, public;/,
  ],
  ["no rows, but an RPC that answers", EMPTY, /^failure anybody calls/],
  ["a refused key proves nothing", refused(401, "x"), /^skipped/],
]);

cases("private-schema", [
  ["PGRST106", refused(406, "PGRST106"), /^ok/],
  ["rows", EMPTY, /^failure the Data API exposes it/],
  ["a closed table", refused(403, "42501"), /^warning it is exposed/],
]);

function ledgerOf(counts: number[]): World {
  return {
    answer: ({ url }) =>
      url.includes("/rpc/")
        ? Response.json([{ attempts: counts.shift() }])
        : Response.json({ outcome: "ignored" }),
  };
}

cases("ledger", [
  ["one attempt more", ledgerOf([3, 4]), /^ok/],
  [
    "no attempt more is another project",
    ledgerOf([3, 3]),
    /^failure .*not in this project's ledger/,
  ],
]);

function status(changes: object): World {
  const open = { failed: 0, rejected: 0, oldest_at: null };
  const empty = { last: {}, open, last_backfill: null, last_drift_check: null };
  return asked({ sync_status: { ...empty, ...changes } });
}
const ran = (finishedAt: string | null, state: object = {}) => ({
  state,
  updated_at: ago(1),
  finished_at: finishedAt,
});

cases("arriving", [
  ["none", status({ last: { applied: null } }), /^warning none/],
  ["the doctor's own do not count", status({ last: { ignored: ago(0) } }), /^warning none/],
  [
    "the newest counts",
    status({ last: { applied: ago(9), stale: ago(2) } }),
    /^ok the last one 2 d ago/,
  ],
  ["a week ago", status({ last: { applied: ago(8) } }), /^warning .*8 d ago/],
]);

const types = (names: string[]) =>
  asked({ sync_metrics: { events: Object.fromEntries(names.map((name) => [name, {}])) } });

cases("event-types", [
  ["all ten", types(STORY_TYPES), /^ok all 10 seen/],
  [
    "one not seen",
    types(STORY_TYPES.filter((type) => type !== "session.created")),
    /^warning 9 of 10 seen; not yet: session\.created .*Subscribed events/,
  ],
]);

cases("optional-types", [
  [
    "some",
    types([...STORY_TYPES, "session.ended", "subscriptionItem.active", "subscriptionItem.ended"]),
    /^ok seen: session 1 of 4, subscriptionItem 2 of 9, subscription none of 4, organizationInvitation 1 of 3$/,
  ],
]);

cases("open-events", [
  ["none", status({}), /^ok/],
  [
    "some",
    status({ open: { failed: 2, rejected: 1, oldest_at: ago(3) } }),
    /^warning 2 failed and 1 rejected, the oldest 3 d ago .*npm run events/,
  ],
  [
    "what refuses the newest",
    status({
      open: { failed: 1, rejected: 0, newest_error: "23514: constraint c", oldest_at: null },
    }),
    /^warning 1 failed and 0 rejected; the newest failed at 23514: constraint c/,
  ],
]);

cases("backfill", [
  ["none", status({}), /^warning there was none/],
  ["half of one", status({ last_backfill: ran(null) }), /^warning stopped half way, 1 d ago/],
  ["a finished one", status({ last_backfill: ran(ago(40)) }), /^ok 40 d ago/],
]);

const switchedOff = (here: number) => ({
  organizations: { is_enabled: false, here },
  memberships: null,
});

cases("drift", [
  ["none", status({}), /^warning there was none/],
  ["without an end", status({ last_drift_check: ran(null) }), /^warning .*end/],
  ["of late", status({ last_drift_check: ran(ago(6), { exit_code: 0 }) }), /^ok 6 d ago/],
  ["long ago", status({ last_drift_check: ran(ago(8)) }), /^warning 8 d ago/],
  [
    "differences",
    status({ last_drift_check: ran(ago(1), { exit_code: 1 }) }),
    /^warning .*left differences .*--repair/,
  ],
  [
    "rows of what Clerk has switched off",
    status({ last_drift_check: ran(ago(1), { exit_code: 0, ...switchedOff(2) }) }),
    /^warning 1 d ago; organizations are switched off in Clerk, and some are here/,
  ],
  [
    "no rows of it",
    status({ last_drift_check: ran(ago(1), { exit_code: 0, ...switchedOff(0) }) }),
    /^ok 1 d ago$/,
  ],
]);

const queue = (changes: object) =>
  status({ change_queue: { sources: ["webhook", "sync"], is_there: true, unsent: 0, ...changes } });

cases("change-queue", [
  ["off", status({ change_queue: null }), /^ok off$/],
  ["on", queue({}), /^ok on, for webhook, sync$/],
  [
    "one that was dropped",
    queue({ is_there: false, unsent: 2 }),
    /^warning it is gone, and did not take 2 messages, .*sync_enable_change_queue\('{webhook,sync}'\)/,
  ],
  ["messages that it refused", queue({ unsent: 1 }), /^warning it did not take 1 messages/],
]);

cases("purge", [
  ["scheduled", asked({ sync_is_purge_scheduled: true }), /^ok/],
  ["not scheduled", asked({ sync_is_purge_scheduled: false }), /^warning .*sync_schedule_purge/],
  ["without pg_cron", asked({ sync_is_purge_scheduled: null }), /^warning .*npm run purge/],
]);

const follows = (bound: string | null, ignored: object[] = []): World =>
  asked({ sync_bound_instance: bound, sync_list_events: ignored });
const ignored = (error_code: string | null, days: number, object_id: string | null = "user_1") => ({
  event_type: "user.created",
  object_id,
  outcome_at: ago(days),
  error_code,
});
const wants = (clerkInstanceId: string, world: World): World => ({
  ...world,
  target: { clerkInstanceId },
});

cases("instance", [
  ["none yet", follows(null), /^ok the project follows none yet$/],
  ["the one that is followed", follows("ins_a"), /^ok ins_a$/],
  ["that of the environment may be bound later", wants("ins_b", follows(null)), /^ok/],
  ["the same in the environment", wants("ins_a", follows("ins_a")), /^ok ins_a$/],
  [
    "another one in the environment",
    wants("ins_b", follows("ins_a")),
    /^warning CLERK_INSTANCE_ID is ins_b, the project follows ins_a .*secrets set.*--switch-instance/,
  ],
  [
    "events of another one are a warning, by number and age",
    follows("ins_a", [
      ignored("other_instance", 1),
      ignored(null, 2),
      ignored("other_instance", 3),
    ]),
    /^warning 2 ignored of late.* the last one 1 d ago, user\.created .*endpoint.*--switch-instance/,
  ],
  [
    "events of another one a week ago are none",
    follows("ins_a", [ignored("other_instance", 8)]),
    /^ok/,
  ],
  ["events of types that are not followed are none", follows("ins_a", [ignored(null, 1)]), /^ok/],
  [
    "Clerk's examples are nobody's",
    follows("ins_a", [ignored("other_instance", 1, "user_2g7np7Hrk0SN6kj5EDMLDaKNL0S")]),
    /^ok/,
  ],
]);

cases("examples", [
  ["none", EMPTY, /^ok/],
  ["what can't be read", refused(403, "42501"), /^failure organizations can't be read/],
]);

function clerk(clerkKey: string | null, changes: World & { bound?: string | null } = {}): World {
  const { target, bound = null, ...world } = changes;
  return {
    ...asked({ sync_bound_instance: bound }),
    instanceId: () => Promise.resolve("ins_a"),
    ...world,
    target: { clerkKey, ...target },
  };
}
const fails = (failure: "unauthorized" | "unavailable") => () =>
  Promise.reject(new ClerkApiError(failure, "x"));

cases("clerk-key", [
  ["none", clerk(null), /^skipped/],
  ["a publishable one", clerk("pk_test_x"), /^failure .*publishable/],
  ["a malformed one", clerk("sk_x"), /^failure .*malformed/],
  ["that of the bound instance", clerk("sk_live_x", { bound: "ins_a" }), /^ok of ins_a$/],
  ["that of another one", clerk("sk_live_x", { bound: "ins_b" }), /^failure .*holds ins_b/],
  [
    "CLERK_INSTANCE_ID counts too",
    clerk("sk_live_x", { target: { clerkInstanceId: "ins_b" } }),
    /^failure .*CLERK_INSTANCE_ID says ins_b/,
  ],
  ["a test key with a project elsewhere", clerk("sk_test_x"), /^warning a test key/],
  [
    "a test key with a project here",
    clerk("sk_test_x", { target: { projectUrl: new URL("http://127.0.0.1:1") } }),
    /^ok/,
  ],
  [
    "one that Clerk refuses",
    clerk("sk_live_x", { instanceId: fails("unauthorized") }),
    /^failure Clerk refuses/,
  ],
  ["Clerk's silence", clerk("sk_live_x", { instanceId: fails("unavailable") }), /^warning/],
]);
