import assert from "node:assert/strict";
import { parseEvent } from "../../supabase/functions/clerk-webhook/parse_event.ts";
import { route } from "../../supabase/functions/clerk-webhook/route.ts";
import { argsOf } from "./support/args_of.ts";

Deno.test("the webhook guide's minimal organization is enough", () => {
  const parsed = parseEvent(
    '{"type":"organization.created","data":{"id":"org_123456789","name":"My Organization",' +
      '"created_by":"user_123456789"}}',
  );
  assert.ok(parsed.ok);
  assert.equal(parsed.event.at, null);
  assert.deepEqual(argsOf(parsed.event.type, parsed.event.data), {
    p_external_id: "org_123456789",
    p_name: "My Organization",
    p_slug: null,
    p_logo_url: null,
    p_created_by: "user_123456789",
    p_with_owner: true,
    p_public_metadata: {},
    p_created_at: null,
    p_updated_at: null,
  });
});

Deno.test("only the creation of an organization makes an owner", () => {
  const data = { id: "org_1", name: "Analytical Engines", created_by: "user_1" };
  assert.equal(argsOf("organization.created", data).p_with_owner, true);
  assert.equal(argsOf("organization.updated", data).p_with_owner, false);
});

Deno.test("an organization's empty strings become null", () => {
  const empty = { slug: "", image_url: "", logo_url: "", created_by: "" };
  const args = argsOf("organization.created", { id: "org_1", name: "A", ...empty });
  assert.deepEqual([args.p_slug, args.p_logo_url, args.p_created_by], [null, null, null]);
});

Deno.test("an organization without a name is rejected", () => {
  for (const name of [undefined, null, ""]) {
    assert.equal(route("organization.created", { id: "org_1", name }).kind, "reject");
  }
});
