import * as z from "zod/mini";
import { FOLLOWED_TYPES } from "../../../supabase/functions/clerk-webhook/route.ts";
import { listOf } from "../../../supabase/functions/_clerk_sync/env.ts";
import { printable } from "../../command/printable.ts";
import { assertFunction } from "../ask.ts";
import { ago, type Context, daysSince, failure, type Finding, ok, warning } from "../check.ts";
import { askProject, askStatus } from "../project.ts";
import { ping, PING_TYPE } from "./signature.ts";

const Rows = z.array(z.object({ attempts: z.int() }));

/** Whether an event that was accepted is in this project's ledger, and not in another's. */
export async function ledger(context: Context): Promise<Finding> {
  const before = await attempts(context);
  assertFunction(await ping(context, listOf(context.target.webhookSecret!.text)[0]!));
  if (await attempts(context) > before) return ok("the signed event is in it");
  return failure(
    "the event was accepted, but is not in this project's ledger",
    "WEBHOOK_URL and SUPABASE_URL are of two projects: correct one of them.",
  );
}

async function attempts({ project }: Context): Promise<number> {
  const args = { p_outcomes: ["ignored"], p_event_type: PING_TYPE, p_limit: 1 };
  const rows = await askProject(project, "sync_list_events", Rows, args);
  return rows[0]?.attempts ?? 0;
}

/** Longer without an event is worth a look. */
const QUIET_DAYS = 7;

/** Whether Clerk's events arrive. What is ignored does not count: the doctor's own are. */
export async function arriving({ project, now }: Context): Promise<Finding> {
  const answer = await askStatus(project);
  const { ignored: _, ...last } = answer.last;
  const newest = Object.values(last).filter((at) => at !== null).map((at) => new Date(at))
    .sort((one, other) => other.getTime() - one.getTime())[0];
  const fix =
    "Clerk's Dashboard, Webhooks, the endpoint: is it enabled, does Testing → Send Example arrive, " +
    "what do its Message Attempts say?";
  if (!newest) return warning("none has arrived yet", fix);
  const detail = `the last one ${ago(newest, now())}`;
  return daysSince(newest, now()) > QUIET_DAYS ? warning(detail, fix) : ok(detail);
}

/** Without these the tables of people and organizations are not right. */
const REQUIRED_TYPES = [
  "user.created",
  "user.updated",
  "user.deleted",
  "organization.created",
  "organization.updated",
  "organization.deleted",
  "organizationMembership.created",
  "organizationMembership.updated",
  "organizationMembership.deleted",
  "session.created",
];

const Metrics = z.looseObject({ events: z.record(z.string(), z.unknown()) });

/** Whether an event of each required type was ever seen: none is the sign of one that is not enabled. */
export async function requiredTypes({ project }: Context): Promise<Finding> {
  const { events } = await askProject(project, "sync_metrics", Metrics);
  const missing = REQUIRED_TYPES.filter((type) => !Object.hasOwn(events, type));
  const count = REQUIRED_TYPES.length;
  if (missing.length === 0) return ok(`all ${count} seen`);
  return warning(
    `${count - missing.length} of ${count} seen; not yet: ${missing.join(", ")}`,
    "Clerk's Dashboard, Webhooks, the endpoint, Subscribed events: enable them. One that never happened can't be seen.",
  );
}

/** Which others were seen: what an app has no use for need not be enabled. */
export async function optionalTypes({ project }: Context): Promise<Finding> {
  const { events } = await askProject(project, "sync_metrics", Metrics);
  const optional = FOLLOWED_TYPES.filter((type) => !REQUIRED_TYPES.includes(type));
  const seen = [...Map.groupBy(optional, (type) => type.split(".")[0])].map(([object, types]) => {
    const some = types.filter((type) => Object.hasOwn(events, type)).length;
    return `${object} ${some === 0 ? "none" : some} of ${types.length}`;
  });
  return ok(`seen: ${seen.join(", ")}`);
}

/** Whether events failed or were rejected that no later delivery settled. */
export async function openEvents({ project, now }: Context): Promise<Finding> {
  const answer = await askStatus(project);
  const { failed, rejected, oldest_at, newest_error } = answer.open;
  if (failed + rejected === 0) return ok("none is open");
  const age = oldest_at ? `, the oldest ${ago(new Date(oldest_at), now())}` : "";
  const cause = newest_error ? `; the newest failed at ${printable(newest_error)}` : "";
  return warning(
    `${failed} failed and ${rejected} rejected${age}${cause}`,
    "npm run events lists them, and says what refuses each and how to replay or close it.",
  );
}

/** Whether the change queue, where it is on, takes the messages. */
export async function changeQueue({ project }: Context): Promise<Finding> {
  const { change_queue: queue } = await askStatus(project);
  if (!queue) return ok("off");
  if (queue.is_there && queue.unsent === 0) return ok(`on, for ${queue.sources.join(", ")}`);
  const sources = `'{${queue.sources.join(",")}}'`;
  return warning(
    `${
      queue.is_there ? "it" : "it is gone, and"
    } did not take ${queue.unsent} messages, which wait`,
    `Drop what of yours on it refuses them, then select public.sync_enable_change_queue(${sources}); or turn it off: select public.sync_disable_change_queue();`,
  );
}

/** Whether the ledger is kept from growing for ever. */
export async function purge({ project }: Context): Promise<Finding> {
  const answer = await askProject(project, "sync_is_purge_scheduled", z.nullable(z.boolean()));
  if (answer) return ok("pg_cron purges the ledger");
  return answer === null
    ? warning(
      "pg_cron is not enabled, or not granted: the purge is not scheduled",
      "Enable it (Dashboard, Integrations, Cron), then select public.sync_schedule_purge(); or npm run purge by a cron of yours.",
    )
    : warning(
      "the purge is not scheduled",
      "select public.sync_schedule_purge(); which says what is in the way; or npm run purge by a cron of yours.",
    );
}
