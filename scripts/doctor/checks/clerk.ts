import * as z from "zod/mini";
import { ClerkApiError } from "../../../supabase/functions/_clerk_sync/clerk/api.ts";
import {
  erasureOf,
  EXAMPLE_ORGANIZATIONS,
  EXAMPLE_USERS,
  isExample,
} from "../../clerk/examples.ts";
import { isLoopback } from "../../simulate/target.ts";
import {
  ago,
  type Context,
  daysSince,
  failure,
  type Finding,
  ok,
  skipped,
  warning,
} from "../check.ts";
import { askProject, askStatus, PUSH } from "../project.ts";

const KEY_FIX =
  "Set CLERK_SECRET_KEY to the secret key in Clerk's Dashboard, API keys: sk_live_… or sk_test_….";

/** Whether Clerk's key, where it is set, is that of the instance whose objects are here. */
export async function clerkKey(
  { target, project, createClerk, timeoutMs }: Context,
): Promise<Finding> {
  const { clerkKey, clerkApiUrl, clerkInstanceId, projectUrl } = target;
  if (!clerkKey) return skipped("CLERK_SECRET_KEY is not set: webhooks need none");
  if (clerkKey.startsWith("pk_")) {
    return failure("CLERK_SECRET_KEY is a publishable key", KEY_FIX);
  }
  if (!/^sk_(test|live)_\w+$/.test(clerkKey)) {
    return failure("CLERK_SECRET_KEY is malformed", KEY_FIX);
  }

  let instance: string;
  try {
    const apiUrl = clerkApiUrl ?? undefined;
    instance = await createClerk({ secretKey: clerkKey, apiUrl, timeoutMs }).instanceId();
  } catch (error) {
    if (!(error instanceof ClerkApiError)) throw error;
    if (error.failure === "unauthorized") {
      return failure("Clerk refuses CLERK_SECRET_KEY", KEY_FIX);
    }
    return warning(`Clerk does not say whose key it is (${error.failure})`, "Run it again.");
  }
  if (clerkInstanceId && clerkInstanceId !== instance) {
    return failure(
      `the key is of ${instance}, CLERK_INSTANCE_ID says ${clerkInstanceId}`,
      "Correct one of the two.",
    );
  }
  const answer = await askProject(project, "sync_bound_instance", z.nullable(z.string()));
  if (answer !== null && answer !== instance) {
    return failure(
      `the key is of ${instance}, this project holds ${answer}'s`,
      "Set the key of that instance, or npm run backfill -- --switch-instance.",
    );
  }
  if (clerkKey.startsWith("sk_test_") && !isLoopback(projectUrl!)) {
    return warning(
      "a test key with a project that is not on this machine",
      "In production it is sk_live_….",
    );
  }
  return ok(
    answer === null ? `of ${instance}; the project follows none yet` : `of ${instance}`,
  );
}

const LATELY_DAYS = 7;

/** As many of the newest ignored events as the ledger gives at once. */
const LOOKED_AT = 500;

const Ignored = z.array(z.object({
  event_type: z.string(),
  object_id: z.nullable(z.string()),
  outcome_at: z.string(),
  error_code: z.nullable(z.string()),
}));

const SWITCH = "if it is to follow the other one: npm run backfill -- --switch-instance";

/** Whether all agree on whose events these are: the environment, the project, and who sends. */
export async function instance(
  { project, target: { clerkInstanceId }, now }: Context,
): Promise<Finding> {
  const bound = await askProject(project, "sync_bound_instance", z.nullable(z.string()));
  if (clerkInstanceId !== null && bound !== null && clerkInstanceId !== bound) {
    return warning(
      `CLERK_INSTANCE_ID is ${clerkInstanceId}, the project follows ${bound}`,
      `Correct CLERK_INSTANCE_ID, here and by npx supabase secrets set; ${SWITCH}.`,
    );
  }

  const args = { p_outcomes: ["ignored"], p_limit: LOOKED_AT };
  const answer = await askProject(project, "sync_list_events", Ignored, args);
  // "Send Example" names an instance that nobody has.
  const others = answer.filter(({ error_code, object_id, outcome_at }) =>
    error_code === "other_instance" && !isExample(object_id ?? "") &&
    daysSince(new Date(outcome_at), now()) <= LATELY_DAYS
  );
  const [newest] = others;
  if (newest) {
    const when = ago(new Date(newest.outcome_at), now());
    return warning(
      `${others.length} ignored of late, for they are another instance's; the last one ${when}, ${newest.event_type}`,
      "Two instances deliver to this URL: delete the endpoint in the Dashboard of the one that the project " +
        `does not follow; ${SWITCH}, and correct CLERK_INSTANCE_ID.`,
    );
  }
  return ok(bound === null ? "the project follows none yet" : bound);
}

const TABLES = [["organizations", EXAMPLE_ORGANIZATIONS], ["users", EXAMPLE_USERS]] as const;
const Rows = z.array(z.object({ external_id: z.string() }));

/** Whether rows are here that "Send Example" made: of nobody, but the app shows them. */
export async function examples({ project }: Context): Promise<Finding> {
  const ids: string[] = [];
  for (const [table, known] of TABLES) {
    const where = `external_id=in.(${known.join(",")})&deleted_at=is.null`;
    const result = await project.select(table, "external_id", { limit: known.length, where });
    const rows = Rows.safeParse(result.kind === "done" ? result.answer : null);
    if (!rows.success) {
      return failure(`${table} can't be read`, PUSH);
    }
    ids.push(...rows.data.map(({ external_id }) => external_id));
  }
  const erasure = erasureOf(ids);
  if (erasure === null) return ok("none is here");
  return warning(
    `${ids.join(", ")}: published by Clerk, delivered by "Send Example", and nobody of yours`,
    `To erase, in the SQL editor: ${erasure}`,
  );
}

/** Whether those who were in Clerk before the webhook are here. */
export async function backfill({ project, now }: Context): Promise<Finding> {
  const answer = await askStatus(project);
  const last = answer.last_backfill;
  if (!last) {
    return warning(
      "there was none: who was in Clerk before the webhook is missing",
      "npm run backfill, unless Clerk was empty then.",
    );
  }
  if (!last.finished_at) {
    return warning(
      `stopped half way, ${ago(new Date(last.updated_at), now())}`,
      "npm run backfill goes on where it stopped.",
    );
  }
  return ok(ago(new Date(last.finished_at), now()));
}

const MOST_DAYS = 7;
const HELD = "organizations are switched off in Clerk, and some are here all the same";
const HELD_FIX = "npm run drift says how many. They stay, with the access that they give.";
const DRIFT_FIX = "npm run drift compares this project with Clerk; once a week, by cron.";

/** Whether the tables were compared with Clerk of late. */
export async function drift({ project, now }: Context): Promise<Finding> {
  const answer = await askStatus(project);
  const last = answer.last_drift_check;
  if (!last) return warning("there was none", DRIFT_FIX);
  if (!last.finished_at) return warning("the last one did not come to its end", DRIFT_FIX);
  const at = new Date(last.finished_at);
  const when = ago(at, now());
  if (daysSince(at, now()) > MOST_DAYS) return warning(when, DRIFT_FIX);
  const exitCode = (last.state as { exit_code?: unknown } | null)?.exit_code ?? 0;
  if (exitCode === 0) return held(last.state) ? warning(`${when}; ${HELD}`, HELD_FIX) : ok(when);
  return warning(
    exitCode === 1 ? `${when}, and it left differences` : `${when}, and it failed`,
    "npm run drift shows them, npm run drift -- --repair mends them.",
  );
}

const Kind = z.nullish(z.object({ is_enabled: z.boolean(), here: z.int() }));
const Kinds = z.object({ organizations: Kind, memberships: Kind });

/** Whether rows are here of what Clerk has switched off. */
function held(state: unknown): boolean {
  const { data } = Kinds.safeParse(state);
  return [data?.organizations, data?.memberships].some((kind) =>
    kind?.is_enabled === false && kind.here > 0
  );
}
