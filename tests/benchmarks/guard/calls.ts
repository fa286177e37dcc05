/** Calls of the RPCs as the function makes them for the events of the sample story. */
import { freshId, storyEvent } from "../../../scripts/simulate/story.ts";
import type { SampleType } from "../../../scripts/simulate/samples.ts";
import type { RpcCall } from "../../../supabase/functions/_clerk_sync/database/rpc.ts";
import { route } from "../../../supabase/functions/clerk-webhook/route.ts";
import { filledId } from "../growth/filled_ids.ts";

/** One telling of the story, call by call, in order: each with what it is to the database. */
export function callsOfStory(index: number): [name: string, call: RpcCall][] {
  const story = { seed: "guard", index, endsAt: Date.now() };
  const eventId = (of: string) => freshId("msg", `${index}/${of}`);
  const callOf = (type: SampleType, id = eventId(type)): RpcCall => {
    const { data, timestamp } = storyEvent(type, story);
    const routed = route(type, data);
    if (routed.kind !== "apply") throw new Error(`no RPC takes ${type}`);
    const { name, args } = routed.call;
    const context = { p_event_id: id, p_event_type: type, p_event_at: new Date(timestamp) };
    return { name, args: { ...args, ...context } };
  };
  const joining = callOf("organizationMembership.created", eventId("someone else joins"));
  const someoneElse = {
    p_external_id: freshId("orgmem", `${index}/someone else`),
    p_user_external_id: filledId("user", index + 1),
    p_role: "org:member",
  };
  return [
    ["upsert_user, new", callOf("user.created")],
    ["upsert_user, duplicate", callOf("user.created")],
    ["upsert_user, update", callOf("user.updated")],
    ["upsert_user, stale", callOf("user.created", eventId("an old state"))],
    ["upsert_org_with_owner, new", callOf("organization.created")],
    ["set_membership, creator's", callOf("organizationMembership.created")],
    ["set_membership, new", { ...joining, args: { ...joining.args, ...someoneElse } }],
    ["set_membership, update", callOf("organizationMembership.updated")],
    ["upsert_org_with_owner, update", callOf("organization.updated")],
    ["remove_membership", callOf("organizationMembership.deleted")],
    ["record_session, new", callOf("session.created")],
    ["record_session, update", callOf("session.ended")],
    ["delete_org", callOf("organization.deleted")],
    ["delete_user", callOf("user.deleted")],
    [
      "record_event",
      { name: "record_event", args: { p_event_id: eventId("ignored"), p_outcome: "ignored" } },
    ],
  ];
}
