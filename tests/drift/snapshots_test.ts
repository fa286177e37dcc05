/** Subscription items and invitations: what is switched off, what is asked for alone, what nobody pays for. */
import assert from "node:assert/strict";
import { backfill, envFor, groundTest, runBackfill, synced } from "../backfill/ground.ts";
import { rowsOf } from "../backfill/tables.ts";
import { hiding, paidWorld } from "../backfill/worlds.ts";
import { type Fault, timeoutFor } from "../clerk_api/faults.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import { before, check, drift, linesOf, repair, reportIn, resultOf } from "./ground.ts";

const ITEM = "/v1/billing/subscription_items/csub_item_engines";
const INVITATION = "/v1/organizations/org_engines/invitations/orginv_mary";

groundTest("drift: Billing switched off in Clerk", async (ground, step) => {
  for (const billing of [403, 404] as const) {
    await step(`by ${billing}: all else is repaired, and no item ends`, async () => {
      await using server = await synced(ground, paidWorld());
      const rows = await rowsOf(ground);
      server.instance.removeMembership("orgmem_navy");
      server.instance.removeInvitation("orginv_mary");
      server.billing = billing;
      const report = await repair(ground, server);
      assert.deepEqual(resultOf(report), ["repaired", 0, [
        "invitation orginv_mary extra repaired",
        "membership orgmem_navy extra repaired",
      ]]);
      const { subscriptions, invitations } = report;
      assert.deepEqual([subscriptions?.is_enabled, subscriptions?.here], [false, 2]);
      assert.equal(invitations?.is_enabled, true);
      assert.deepEqual((await rowsOf(ground)).filter(isItem), rows.filter(isItem));
    });

    await step(`by ${billing}, before an item is asked for alone: it is left`, async () => {
      const instance = paidWorld();
      await using whole = startClerkApi({ instance });
      await runBackfill(ground, whole);
      const rows = await rowsOf(ground);
      await using server = startClerkApi({ instance: hiding(instance, ["csub_item_engines"]) });
      const around = before("sync_list_snapshots", () => {
        server.billing = billing;
        return Promise.resolve();
      });
      const report = await repair(ground, server, { around });
      assert.deepEqual(resultOf(report), ["in_sync", 0, []]);
      assert.equal(report.subscriptions?.is_enabled, false);
      assert.deepEqual(await rowsOf(ground), rows);
    });
  }

  await step("the command says it once, and warns of what is here", async () => {
    await using server = await synced(ground, paidWorld());
    server.billing = 403;
    const { code, stdout } = await drift(envFor(ground, server));
    assert.equal(code, 0);
    assert.equal(stdout.match(/switched off in Clerk/g)?.length, 1);
    assert.match(stdout, /\nBilling is switched off in Clerk: there was nothing of it to read\.\n/);
    assert.match(stdout, /\nWarning: 2 subscriptions are here all the same, and stay/);
    server.hasOrganizations = false;
    const both = await drift(envFor(ground, server));
    assert.equal(both.stdout.match(/switched off in Clerk/g)?.length, 2);
    assert.match(both.stdout, /Warning: 2 organizations, 4 memberships and 1 invitations are here/);
  });
});

groundTest("backfill: Billing switched off in Clerk", async (ground, step) => {
  await step("all else comes, it is said once, and what is here of it is named", async () => {
    await using server = startClerkApi({ instance: paidWorld() });
    server.billing = 404;
    const first = await backfill(envFor(ground, server));
    assert.equal(first.code, 0, first.stderr);
    assert.equal((first.stdout + first.stderr).match(/switched off in Clerk/g)?.length, 1);
    assert.doesNotMatch(first.stdout, /Warning/);
    server.billing = "on";
    await backfill(envFor(ground, server));
    server.billing = 403;
    server.hasOrganizations = false;
    const { stdout } = await backfill(envFor(ground, server), ["--json"]);
    const { held, subscriptions } = JSON.parse(stdout);
    assert.deepEqual(held, ["organizations", "memberships", "subscriptions", "invitations"]);
    assert.equal(subscriptions.is_enabled, false);
  });
});

groundTest("drift: an item or an invitation that Clerk's list lacks", async (ground, step) => {
  const hidden = ["csub_item_engines", "orginv_mary"];

  await step("is asked for by its id, and stays when Clerk has it", async () => {
    await using whole = await synced(ground, paidWorld());
    await using server = startClerkApi({ instance: hiding(whole.instance, hidden) });
    const rows = await rowsOf(ground);
    const report = await repair(ground, server);
    assert.deepEqual([report.outcome, report.subscriptions?.compared], ["in_sync", 3]);
    const asked = server.requests.filter((path) => !/\?limit=|count|instance/.test(path));
    assert.deepEqual(asked, [`GET ${ITEM}`, `GET ${INVITATION}`]);
    assert.deepEqual(await rowsOf(ground), rows);
  });

  const answers: Fault[] = [
    { kind: "foreign_error", status: 404 },
    { kind: "other_json", body: { id: "csub_item_ada", status: "ended" } },
    { kind: "html" },
    { kind: "server_error", status: 503 },
    { kind: "hang" },
  ];
  for (const fault of answers) {
    await step(
      `ends by no other answer than Clerk's own 404: ${JSON.stringify(fault)}`,
      async () => {
        await using whole = await synced(ground, paidWorld());
        await using server = startClerkApi({ instance: hiding(whole.instance, hidden) });
        const rows = await rowsOf(ground);
        for (const path of [ITEM, INVITATION]) {
          server.faults.clear();
          server.faults.always(fault, (asked) => asked === path);
          const report = await repair(ground, server, { timeoutMs: timeoutFor(fault) });
          assert.deepEqual([report.outcome, report.exit_code], ["could_not_tell", 2]);
          assert.deepEqual(await rowsOf(ground), rows);
        }
      },
    );
  }

  for (
    const [kind, id] of [["subscription", "csub_item_ada"], ["invitation", "orginv_mary"]] as const
  ) {
    await step(`and whose end a webhook tells meanwhile, is no drift: ${kind}`, async () => {
      await using server = await synced(ground, paidWorld());
      server.instance.removeItem(id);
      server.instance.removeInvitation(id);
      let isSettling = false;
      const onSettling = () => {
        isSettling = true;
      };
      const p_status = kind === "subscription" ? "ended" : "revoked";
      const ended = [{ p_external_id: id, p_status }];
      const end = () =>
        ground.sql`select public.record_snapshots(${kind}, ${ground.sql.json(ended)})`;
      const around = before(() => isSettling, end);
      assert.deepEqual(resultOf(await check(ground, server, { onSettling, around })), [
        "in_sync",
        0,
        [],
      ]);
    });
  }
});

groundTest("an item that does not say who pays", async (ground, step) => {
  await step(
    "stops neither a backfill nor a repair, and is named with the error code",
    async () => {
      const instance = paidWorld();
      instance.addItem("org_navy", "team", { id: "csub_item_nobody", payer: null });
      await using server = startClerkApi({ instance });
      const { end, state } = await runBackfill(ground, server);
      assert.equal(end.kind, "complete");
      const id = "csub_item_nobody";
      assert.deepEqual(state.rejections, [{ kind: "subscriptions", id, code: "23514" }]);
      assert.deepEqual([state.subscriptions.applied, state.invitations.applied], [3, 2]);
      const report = await repair(ground, server);
      assert.deepEqual(resultOf(report), ["drift", 1, [`subscription ${id} missing`]]);
      assert.equal(report.differences[0]?.code, "23514");
    },
  );

  await step("is in sync where a webhook has told it", async () => {
    await using server = await synced(ground, paidWorld());
    server.instance.changeItem("csub_item_engines", { payer: null, status: "canceled" });
    assert.deepEqual(linesOf(await repair(ground, server)), [
      "subscription csub_item_engines stale status repaired",
    ]);
    const [row] = await ground.sql`
      select organization_external_id, subscription_external_id from public.subscriptions
      where external_id = 'csub_item_engines'
    `;
    assert.equal(row?.organization_external_id, "org_engines");
    assert.equal((await check(ground, server)).outcome, "in_sync");
  });
});

groundTest("a repair of what is paid for", async (ground, step) => {
  await step("moves the plan of its organization", async () => {
    await using server = await synced(ground, paidWorld());
    const planOf = async () => {
      const [row] = await ground.sql`
        select plan from public.organizations where external_id = 'org_engines'
      `;
      return row?.plan;
    };
    assert.equal(await planOf(), "pro");
    server.instance.removeItem("csub_item_engines");
    await repair(ground, server);
    assert.equal(await planOf(), "free");
  });

  await step("ends no more than --max-deletes allows", async () => {
    await using server = await synced(ground, paidWorld());
    for (const id of ["csub_item_engines", "csub_item_ada"]) server.instance.removeItem(id);
    const maxDeletes = { value: 1, isPercent: false };
    const { withheld } = await repair(ground, server, {}, { maxDeletes, confirm: null });
    assert.deepEqual(withheld, [{ name: "subscriptions", wanted: 2, here: 2, allowed: 1 }]);
  });

  await step("--only takes them by name", async () => {
    await using server = await synced(ground, paidWorld());
    server.instance.changeItem("csub_item_ada", { status: "canceled" });
    const args = ["--json", "--only", "subscriptions,invitations"];
    const report = reportIn(await drift(envFor(ground, server), args));
    assert.deepEqual([report.users, report.subscriptions?.stale, report.invitations?.compared], [
      null,
      1,
      2,
    ]);
  });
});

function isItem(row: unknown): boolean {
  return String((row as { external_id?: string }).external_id).startsWith("csub_");
}
