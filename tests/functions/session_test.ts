import assert from "node:assert/strict";
import { argsOf } from "./support/args_of.ts";

Deno.test("a session that has no status takes that of its event", () => {
  for (const status of ["pending", "ended", "removed", "revoked"]) {
    const args = argsOf(`session.${status}`, { id: "sess_1", user_id: "user_1", status: "" });
    assert.equal(args.p_status, status);
  }
  const created = argsOf("session.created", { id: "sess_1", user_id: "user_1" });
  assert.equal(created.p_status, "active");
});

Deno.test("a session's own status comes before that of its event", () => {
  const data = { id: "sess_1", user_id: "user_1", status: "pending" };
  assert.equal(argsOf("session.created", data).p_status, "pending");
});

Deno.test("who signed in as the user is the actor's subject", () => {
  const data = { id: "sess_1", user_id: "user_1" };
  const actor = { iss: "https://dashboard.clerk.com", sub: "user_2" };
  assert.equal(argsOf("session.created", { ...data, actor }).p_actor_external_id, "user_2");
  for (const nobody of [undefined, null, {}, { sub: null }, { sub: "" }]) {
    const args = argsOf("session.created", { ...data, actor: nobody });
    assert.equal(args.p_actor_external_id, null);
  }
});

Deno.test("neither a session's IP address nor its user's snapshot is handed on", () => {
  const args = argsOf("session.created", {
    id: "sess_1",
    user_id: "user_1",
    latest_activity: { ip_address: "203.0.113.7", city: "London" },
    user: { id: "user_1", first_name: "Ada" },
  });
  assert.equal(args.p_city, "London");
  assert.ok(!/203\.0\.113\.7|Ada/.test(JSON.stringify(args)));
});
