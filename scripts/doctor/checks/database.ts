import { Buffer } from "node:buffer";
import * as z from "zod/mini";
import { type Context, failure, type Finding, ok, warning } from "../check.ts";
import { EXPOSE } from "../../project/project.ts";
import { askProject, PUSH } from "../project.ts";

const FIX =
  "Set SUPABASE_SECRET_KEY to the secret key (Dashboard, Project Settings, API Keys: sb_secret_…).";

/** Whether the key is the project's secret one. */
export async function apiKey(
  { target: { projectUrl, secretKey, schema }, project }: Context,
): Promise<Finding> {
  if (!projectUrl) {
    return failure(
      "no project: SUPABASE_URL is not set",
      "Set it to https://<project ref>.supabase.co.",
    );
  }
  if (!secretKey) return failure(`no key for ${projectUrl.host}`, FIX);
  const malformed = malformedBecause(secretKey.text, secretKey.source);
  if (malformed) return malformed;
  const result = await project.rpc("sync_bound_instance");
  return result.kind === "done"
    ? ok(`accepted, from ${secretKey.source}`)
    : findingOf(result.status, result.code, schema);
}

function malformedBecause(key: string, source: string): Finding | null {
  if (key.startsWith("sb_publishable_")) return failure(`${source} is a publishable key`, FIX);
  if (/^sk_(test|live)_/.test(key)) {
    return failure(`${source} is Clerk's secret key, not Supabase's`, FIX);
  }
  if (!key.startsWith("ey")) return null;
  const role = roleOf(key);
  return role === "service_role" ? null : failure(`${source} is a key of the role ${role}`, FIX);
}

/** The role of a legacy key, which is a JWT. */
function roleOf(key: string): string {
  try {
    const { role } = JSON.parse(Buffer.from(key.split(".")[1] ?? "", "base64url").toString());
    return /^\w{1,40}$/.test(role) ? role : "unknown";
  } catch {
    return "unknown";
  }
}

function findingOf(status: number, code: string, schema: string): Finding {
  if (code === "PGRST106") return failure(`the Data API does not expose schema ${schema}`, EXPOSE);
  if (code === "42501") return failure("it may not call the RPCs: it is not the secret key", FIX);
  if (code === "PGRST202" || code === "42883") {
    const fix = `${PUSH}; or name the schema that they are in with --schema.`;
    return failure(`accepted, but in schema ${schema} the RPCs are not there`, fix);
  }
  if (status === 401 || status === 403) return failure("the project refuses it", FIX);
  if (status === 404) {
    return failure("there is no Data API at this address", "Correct SUPABASE_URL.");
  }
  if (status === 0) {
    return failure(
      `the project does not answer (${code})`,
      "Is it running, or paused? Correct SUPABASE_URL.",
    );
  }
  return failure(
    `the project answers ${status} (${code})`,
    "Look at the project's state in its Dashboard.",
  );
}

/** A version of three numbers, as in package.json. */
const Version = z.string().check(z.regex(/^\d+\.\d+\.\d+$/));

/** What brings an older database to this version. */
const UPGRADE = `For a project of yours first npm run add -- <its folder>; then there ${PUSH}.`;

/** Whether the database and this folder are of one version. */
export async function version({ project, expected }: Context): Promise<Finding> {
  const here = expected.version;
  const answer = await project.rpc("sync_version");
  if (answer.kind === "refused" && /^(PGRST202|42883)$/.test(answer.code)) {
    return failure(`the database has none, so it is older than ${here}`, UPGRADE);
  }
  const there = await askProject(project, "sync_version", Version);
  const order = there.localeCompare(here, "en", { numeric: true });
  if (order === 0) return ok(`${here}, of the database as of these commands`);
  return order < 0
    ? failure(`the database has ${there}, and these commands are ${here}`, UPGRADE)
    : failure(
      `these commands are ${here}, and the database has ${there}`,
      "Update this folder to that version: git pull.",
    );
}

/** Whether the migrations of this folder are applied, under whichever numbers. */
export async function migrations({ project, expected }: Context): Promise<Finding> {
  const answer = await askProject(
    project,
    "sync_applied_migrations",
    z.nullable(z.array(z.string())),
  );
  if (answer === null) {
    return warning(
      "the database does not record them",
      "Apply them by the Supabase CLI, which does.",
    );
  }
  const applied = new Set(answer);
  const missing = expected.migrations.filter((version) => !applied.has(version));
  if (missing.length > 0) {
    // Among an app's own they may have other numbers. The last one says the version, after all before it.
    const others = answer.filter((version) => !expected.migrations.includes(version));
    const said = await project.rpc("sync_version");
    const isSame = said.kind === "done" && said.answer === expected.version;
    if (isSame && others.length >= missing.length) {
      return ok(
        `all of ${expected.version} applied, ${missing.length} under numbers of the project's own`,
      );
    }
    return failure(
      `${missing.length} of ${expected.migrations.length} are missing, the first is ${missing[0]}`,
      PUSH,
    );
  }
  return ok(
    `all ${expected.migrations.length} applied, the newest is ${expected.migrations.at(-1)}`,
  );
}

const Described = z.array(
  z.object({ rpc: z.string(), parameters: z.array(z.string()), callers: z.array(z.string()) }),
);

/** Whether every RPC is there, with its parameters, for those alone who may call it. */
export async function rpcs({ project, expected }: Context): Promise<Finding> {
  const args = { p_names: [...expected.rpcs.keys()] };
  const answer = await askProject(project, "sync_describe_rpcs", Described, args);
  const problems: string[] = [];
  for (const [name, { parameters, callers }] of expected.rpcs) {
    const [found, ...others] = answer.filter(({ rpc }) => rpc === name);
    if (!found) problems.push(`${name} is missing`);
    else if (others.length > 0) problems.push(`${name} is there more than once`);
    else if (found.parameters.join() !== parameters.join()) {
      problems.push(`${name} has other parameters`);
    } else if (found.callers.toSorted().join() !== callers.join()) {
      problems.push(`${name} can be called by ${found.callers.join(", ") || "nobody"}`);
    }
  }
  const [first, ...more] = problems;
  if (first) {
    return failure(
      `${first}${more.length > 0 ? `, and ${more.length} more` : ""}`,
      "Apply the migrations to a database that nothing else changed: npx supabase db push --remote.",
    );
  }
  return ok(`all ${expected.rpcs.size} there, with their parameters and grants`);
}

/** Those that write nothing but counts. */
const READ_ONLY: [string, object][] = [
  ["sync_bound_instance", {}],
  ["sync_last_run", { p_kind: "drift" }],
  ["sync_status", {}],
  ["sync_metrics", {}],
  ["sync_event_series", { p_minutes: 1 }],
  ["sync_row_counts", {}],
  ["sync_list_events", { p_limit: 1 }],
  ["sync_open_causes", { p_limit: 1 }],
  ["sync_list_users", { p_limit: 1 }],
  ["sync_list_orgs", { p_limit: 1 }],
  ["sync_list_memberships", { p_limit: 1 }],
  ["sync_compare_users", { p_users: [] }],
  ["sync_compare_orgs", { p_organizations: [] }],
  ["sync_compare_memberships", { p_memberships: [] }],
  ["sync_compare_snapshots", { p_kind: "subscription", p_snapshots: [] }],
  ["sync_list_snapshots", { p_kind: "invitation", p_limit: 1 }],
  ["sync_erase_on_delete", {}],
];

/** Whether the RPCs that only read can be called: the database works, and so does monitoring. */
export async function rpcsAnswer({ project }: Context): Promise<Finding> {
  for (const [name, args] of READ_ONLY) {
    const result = await project.rpc(name, args);
    if (result.kind === "done") continue;
    return failure(
      `${name} fails (${result.code})`,
      `${PUSH}; then look at the project's log.`,
    );
  }
  return ok(`${READ_ONLY.length} that only read were called`);
}

/** The columns that the app was promised, and those that the sync adds. */
export const COLUMNS: Record<string, string> = {
  users: "id,external_id,email,full_name,avatar_url,created_at,updated_at," +
    "username,banned,deprovisioned,public_metadata,deleted_at",
  public_user_data: "id,external_id,full_name,avatar_url,username,email",
  organizations: "id,external_id,name,slug,plan,timezone,created_at,updated_at," +
    "logo_url,created_by,public_metadata,deleted_at",
  organization_members: "id,organization_id,user_id,role,status,joined_at,clerk_role",
  user_sessions:
    "id,external_id,user_external_id,actor_external_id,status,created_at,updated_at,ended_at",
  subscriptions:
    "id,external_id,subscription_external_id,user_external_id,organization_external_id," +
    "plan,plan_name,status,interval,is_free_trial,seats,period_start,period_end,created_at,updated_at",
  organization_invitations:
    "id,external_id,organization_external_id,email,role,clerk_role,status," +
    "inviter_external_id,user_external_id,expires_at,created_at,updated_at",
};

/** Whether the tables have their columns, as the Data API sees them. */
export async function schema({ project }: Context): Promise<Finding> {
  for (const [table, columns] of Object.entries(COLUMNS)) {
    const result = await project.select(table, columns);
    if (result.kind === "done") continue;
    const what = /^(42P01|PGRST205)$/.test(result.code)
      ? "is missing"
      : /^(42703|PGRST204)$/.test(result.code)
      ? "lacks a column"
      : "can't be read";
    return failure(
      `${table} ${what} (${result.code})`,
      "npx supabase db push --remote; if it was just done: notify pgrst, 'reload schema'.",
    );
  }
  return ok(`all ${Object.keys(COLUMNS).length} are as expected`);
}
