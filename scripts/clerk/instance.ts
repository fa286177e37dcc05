import * as z from "zod/mini";
import type { ClerkApi } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import { UsageError } from "../command/usage_error.ts";
import { parseAnswer, type Rpc } from "../project/rpc.ts";
import { isExample } from "./examples.ts";

/** Whether Clerk's key is that of the instance whose objects the project holds. */
export interface InstanceCheck {
  clerk: ClerkApi;
  rpc: Rpc;
  /** `CLERK_INSTANCE_ID`; null where it is not set. */
  expected: string | null;
  /** The project is to follow this key's instance, whatever it held. */
  isSwitch: boolean;
}

/** So many of a project's users are looked for in Clerk. */
const SAMPLE = 50;

const ListedUsers = z.array(z.object({ external_id: z.string() }));

/** Returns the id of the key's instance; throws a UsageError when the project is another one's. Writes nothing. */
export async function checkInstance(
  { clerk, rpc, expected, isSwitch }: InstanceCheck,
): Promise<string> {
  const instanceId = await clerk.instanceId();
  if (expected !== null && expected !== instanceId) {
    throw new UsageError(
      `CLERK_SECRET_KEY is of the instance ${instanceId}, CLERK_INSTANCE_ID says ${expected}.`,
    );
  }
  if (isSwitch) return instanceId;
  const bound = parseAnswer(z.nullable(z.string()), await rpc("sync_bound_instance"));
  if (bound === instanceId) return instanceId;
  if (bound !== null) throw otherInstance(instanceId, bound);
  await refuseStrangers(instanceId, clerk, rpc);
  return instanceId;
}

/** Binds the project to an instance that was checked. */
export async function bindInstance(
  rpc: Rpc,
  instanceId: string,
  isSwitch: boolean,
): Promise<void> {
  const args = { p_instance_id: instanceId, p_switch: isSwitch };
  const verdict = parseAnswer(
    z.enum(["bound", "same", "other"]),
    await rpc("sync_bind_instance", args),
  );
  // Someone else was faster.
  if (verdict === "other") throw otherInstance(instanceId, "another one");
}

/** A project that is bound to nothing may hold another instance's users all the same. */
async function refuseStrangers(instanceId: string, clerk: ClerkApi, rpc: Rpc): Promise<void> {
  const listed = parseAnswer(ListedUsers, await rpc("sync_list_users", { p_limit: SAMPLE }));
  // Clerk's examples are no instance's: they are here when the webhook was tried by "Send Example".
  const ids = listed.map(({ external_id }) => external_id).filter((id) => !isExample(id));
  if (ids.length === 0) return;
  const known = await clerk.usersById(ids);
  if (known.length > 0) return;
  throw new UsageError(
    `The project holds users, and ${instanceId} knows none of the first ${ids.length} of them: ` +
      `they look like another instance's. ${HOW_TO_SWITCH}`,
  );
}

function otherInstance(instanceId: string, bound: string): UsageError {
  return new UsageError(
    `CLERK_SECRET_KEY is of the instance ${instanceId}, and the project holds ${bound}'s. ` +
      HOW_TO_SWITCH,
  );
}

const HOW_TO_SWITCH = "If that is meant: npm run backfill -- --switch-instance.";
