import assert from "node:assert/strict";
import { queueDatabase } from "./support.ts";
Deno.test("smoke", async () => {
  await using q = await queueDatabase();
  await q.sql`select public.sync_enable_change_queue()`;
  const sent = await q.sentDuring(async (sql) => {
    await sql`select public.upsert_user('user_1', 'a@b.c', 'Ada', p_event_id => 'msg_1', p_event_type => 'user.created', p_event_at => now())`;
    await sql`select public.upsert_org_with_owner('org_1', 'Org', 'org', p_created_by => 'user_1', p_event_id => 'msg_2', p_event_type => 'organization.created', p_event_at => now())`;
    await sql`select public.set_membership('org_1', 'user_2', p_external_id => 'orgmem_1', p_user_email => 'c@d.e', p_event_id => 'msg_3')`;
    await sql`select public.upsert_user('user_2', 'a@b.c', 'Bea', p_event_id => 'msg_4', p_event_type => 'user.created', p_event_at => now())`;
  });
  console.log(sent);
  console.log((await q.sql`select sync_status() -> 'change_queue' as q`)[0]);
});
