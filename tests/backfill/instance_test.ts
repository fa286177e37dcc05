import assert from "node:assert/strict";
import { startClerkApi } from "../clerk_api/server.ts";
import { WorldInstance } from "../clerk_api/world_instance.ts";
import { newEventId } from "../integration/support.ts";
import { type Ground, groundTest, runBackfill, synced } from "./ground.ts";
import { livingIds } from "./tables.ts";

function instanceOf(id: string, tag: string) {
  const instance = new WorldInstance(undefined, { id });
  instance.addUser({ id: `user_${tag}1` });
  instance.addUser({ id: `user_${tag}2` });
  return instance;
}

async function boundTo({ sql }: Ground): Promise<string | undefined> {
  const [row] = await sql`select instance_id from clerk_sync.instance`;
  return row?.instance_id;
}

/** A user whom a webhook has told of. */
async function webhookUser({ sql }: Ground, id: string): Promise<void> {
  await sql`select public.upsert_user(${id}, p_event_id => ${newEventId()})`;
}

groundTest("backfill: a key that is not the project's", async (ground, step) => {
  await step("the first run binds the project to the key's instance", async () => {
    await using _ = await synced(ground, instanceOf("ins_a", "a"));
    assert.equal(await boundTo(ground), "ins_a");
  });

  await step("another instance's key is refused, and nothing is written", async () => {
    await using a = startClerkApi({ instance: instanceOf("ins_a", "a") });
    await using b = startClerkApi({ instance: instanceOf("ins_b", "b") });
    await runBackfill(ground, a);
    for (const isDryRun of [false, true]) {
      await assert.rejects(
        runBackfill(ground, b, { isDryRun }),
        ({ name, message }: Error) =>
          name === "UsageError" && message.includes("ins_b") && message.includes("ins_a") &&
          message.includes("--switch-instance"),
      );
    }
    assert.deepEqual([await boundTo(ground), await livingIds(ground)], [
      "ins_a",
      ["user_a1", "user_a2"],
    ]);
  });

  await step("unless told so", async () => {
    await using a = startClerkApi({ instance: instanceOf("ins_a", "a") });
    await using b = startClerkApi({ instance: instanceOf("ins_b", "b") });
    await runBackfill(ground, a);
    const dry = await runBackfill(ground, b, { isSwitch: true, isDryRun: true });
    assert.deepEqual([dry.end.kind, await boundTo(ground)], ["complete", "ins_a"]);
    const { end } = await runBackfill(ground, b, { isSwitch: true });
    assert.deepEqual([end.kind, await boundTo(ground)], ["complete", "ins_b"]);
    assert.equal((await livingIds(ground)).length, 4);
  });

  await step("users whom the key's instance does not know make the project another's", async () => {
    await webhookUser(ground, "user_stranger");
    await using server = startClerkApi({ instance: instanceOf("ins_a", "a") });
    await assert.rejects(
      runBackfill(ground, server),
      ({ name, message }: Error) =>
        name === "UsageError" && /ins_a knows none of the first 1/.test(message),
    );
    assert.deepEqual([await boundTo(ground), await livingIds(ground)], [
      undefined,
      ["user_stranger"],
    ]);
  });

  await step("one user that it knows makes the project its own", async () => {
    await webhookUser(ground, "user_a2");
    await webhookUser(ground, "user_deleted_meanwhile");
    await using server = startClerkApi({ instance: instanceOf("ins_a", "a") });
    assert.equal((await runBackfill(ground, server)).end.kind, "complete");
    assert.equal(await boundTo(ground), "ins_a");
  });

  await step("CLERK_INSTANCE_ID has to be the key's, even for a switch", async () => {
    await using server = startClerkApi({ instance: instanceOf("ins_a", "a") });
    const expectedInstanceId = "ins_wanted";
    for (const isSwitch of [false, true]) {
      await assert.rejects(
        runBackfill(ground, server, { expectedInstanceId, isSwitch }),
        /ins_a.*CLERK_INSTANCE_ID says ins_wanted/,
      );
    }
    assert.equal(await boundTo(ground), undefined);
    const { end } = await runBackfill(ground, server, { expectedInstanceId: "ins_a" });
    assert.equal(end.kind, "complete");
  });
});
