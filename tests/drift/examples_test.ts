/** "Send Example" first, as the README says: what it leaves here is no other instance's, and can be erased. */
import assert from "node:assert/strict";
import { send, signDelivery } from "../../scripts/simulate/delivery.ts";
import {
  backfill,
  envFor,
  type Ground,
  groundTest,
  runBackfill,
  synced,
} from "../backfill/ground.ts";
import { livingIds } from "../backfill/tables.ts";
import { smallWorld } from "../backfill/worlds.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import { newEventId, said } from "../support/stack.ts";
import { runCommand } from "../support/run_command.ts";
import { check, drift, linesOf, reportIn } from "./ground.ts";

const TAG = "2g7np7Hrk0SN6kj5EDMLDaKNL0S";
const AT = 1_716_883_200;
const USER = {
  object: "user",
  id: `user_${TAG}`,
  email_addresses: [],
  created_at: AT,
  updated_at: AT,
};
const ORGANIZATION = {
  object: "organization",
  id: `org_${TAG}`,
  name: "Acme Corp",
  slug: "acme-corp",
  created_by: USER.id,
  created_at: AT,
  updated_at: AT,
};

/** As the Dashboard delivers them: times in seconds, an instance that nobody has. */
const SENT: [type: string, data: object][] = [
  ["user.created", { ...USER, primary_email_address_id: `idn_${TAG}` }],
  ["user.created", { ...USER, id: "user_29w83sxmDNGwOuEthce5gg56FcC" }],
  ["organization.created", ORGANIZATION],
  ["organizationMembership.created", {
    object: "organization_membership",
    id: `orgmem_${TAG}`,
    role: "org:admin",
    organization: ORGANIZATION,
    public_user_data: { user_id: "user_2h8op3Isl1QR7tKu5FGNfaLKEoU" },
    created_at: AT,
    updated_at: AT,
  }],
];

async function sendExamples({ env }: Ground): Promise<void> {
  for (const [type, data] of SENT) {
    const event = { type, data, object: "event", timestamp: AT, instance_id: `ins_${TAG}` };
    const delivery = signDelivery({
      id: newEventId(),
      body: JSON.stringify(event),
      secret: env.CLERK_WEBHOOK_SECRET,
      at: new Date(),
    });
    assert.equal(said(await send(delivery, { url: env.WEBHOOK_URL })), "200 applied");
  }
}

groundTest("Clerk's published examples", async (ground, step) => {
  await step("count against no instance: a backfill after them is complete", async () => {
    await sendExamples(ground);
    const [unbound] = await ground.sql`select public.sync_bound_instance() as id`;
    assert.equal(unbound?.id, null);
    await using server = startClerkApi({ instance: smallWorld() });
    const { code, stderr } = await backfill(envFor(ground, server));
    assert.equal(code, 0, stderr);
    const [row] = await ground.sql`select public.sync_bound_instance() as id`;
    assert.equal(row?.id, server.instanceId);
  });

  await step("hide no stranger: users of another instance are refused beside them", async () => {
    await sendExamples(ground);
    await ground.sql`select public.upsert_user('user_stranger')`;
    await using server = startClerkApi({ instance: smallWorld() });
    await assert.rejects(runBackfill(ground, server), /knows none of the first 1 of them/);
  });

  await step("are named by drift, which says how they are erased", async () => {
    await sendExamples(ground);
    await using server = await synced(ground);
    const { code, stdout } = await drift(envFor(ground, server));
    assert.equal(code, 1);
    assert.match(
      stdout,
      /\n {2}user +user_29w83sxmDNGwOuEthce5gg56FcC {2}extra {2}Clerk's example\n/,
    );
    const { differences } = reportIn(await drift(envFor(ground, server), ["--json"]));
    assert.ok(differences.length === 4 && differences.every(({ is_example }) => is_example));

    const [, sql] = /To erase\s+them:\n(select .*;)\n/.exec(stdout) ?? [];
    await ground.sql.unsafe(sql!);
    assert.deepEqual(linesOf(await check(ground, server)), []);
    assert.ok(!(await livingIds(ground)).some((id) => id.includes(TAG)));
  });

  await step("are named by the doctor, with SQL that erases them", async () => {
    await sendExamples(ground);
    const { API_URL, SECRET_KEY } = ground.env;
    const env = { SUPABASE_URL: API_URL, SUPABASE_SECRET_KEY: SECRET_KEY };
    const examine = async () => {
      const { stdout } = await runCommand("doctor", { args: ["--json"], env });
      const { checks } = JSON.parse(stdout) as { checks: Record<string, string>[] };
      return checks.find(({ id }) => id === "examples")!;
    };
    const { level, detail, fix } = await examine();
    assert.equal(level, "warning");
    assert.match(detail!, new RegExp(`^org_${TAG}, .*user_${TAG}.*published by Clerk`));
    await ground.sql.unsafe(/select .*;/.exec(fix!)![0]);
    assert.deepEqual([(await examine()).level, await livingIds(ground)], ["ok", []]);
  });
});
