import assert from "node:assert/strict";
import { SAMPLES, type SampleType } from "../../scripts/simulate/samples.ts";
import { BILLING_EXPECTED, type Expected } from "../support/expected_billing.ts";
import { startWebhook } from "../support/webhook.ts";

const USER = "user_3A9fXq2LkVn8RtYw4CzHs7BmPd1";
const ORGANIZATION = "org_3A9hD2wPs6RkMx9BnTf3ZvJc7Qy";
const ADA_PICTURE = "https://img.clerk.com/preview.png?size=144&seed=ada&initials=AL";
const FIRST_LOGO = "https://img.clerk.com/preview.png?size=144&seed=engines&initials=AE";
const SECOND_LOGO = "https://img.clerk.com/preview.png?size=144&seed=engine-company&initials=AE";

const MEMBERSHIP = {
  p_external_id: "orgmem_3A9hD4zKt8LvNy1QmXg5BwHd0Rs",
  p_organization_external_id: ORGANIZATION,
  p_organization_name: "Analytical Engines",
  p_organization_slug: "analytical-engines",
  p_organization_logo_url: FIRST_LOGO,
  p_organization_created_by: USER,
  p_user_external_id: USER,
  p_user_email: "ada.lovelace@example.com",
  p_user_full_name: "Ada Lovelace",
  p_user_avatar_url: ADA_PICTURE,
  p_user_username: "ada",
  p_user_banned: false,
  p_user_deprovisioned: null,
  p_created_at: "2026-03-02T09:00:02.629Z",
};

/** What a session's event asks for: its time of day, its status and since when this is so, and where it was seen. */
function session(at: string, status: string, since: string, isSeen = true): Expected {
  const sinceAt = `2026-03-02T${since}Z`;
  return {
    name: "record_session",
    at: `2026-03-02T${at}Z`,
    args: {
      p_external_id: "sess_3A9jF6cMv0WxQz3TpYh7DnKe2Sb",
      p_user_external_id: USER,
      p_client_id: "client_3A9fXmG8xBq5VtRd1LwZk4NsJc7",
      p_actor_external_id: null,
      p_status: status,
      p_device: isSeen ? "Macintosh" : null,
      p_browser: isSeen ? "Chrome" : null,
      p_city: isSeen ? "London" : null,
      p_country: isSeen ? "GB" : null,
      p_expire_at: "2026-03-09T09:00:03.608Z",
      p_created_at: "2026-03-02T09:00:03.608Z",
      p_last_active_at: sinceAt,
      p_updated_at: sinceAt,
    },
  };
}

const ADA = {
  p_external_id: USER,
  p_email: "ada.lovelace@example.com",
  p_full_name: "Ada Lovelace",
  p_avatar_url: ADA_PICTURE,
  p_banned: false,
  p_deprovisioned: false,
  p_created_at: "2026-03-02T09:00:00.608Z",
};

const ENGINES = {
  p_external_id: ORGANIZATION,
  p_created_by: USER,
  p_created_at: "2026-03-02T09:00:02.608Z",
};

const RENAMED = {
  p_organization_name: "Analytical Engine Company",
  p_organization_slug: "analytical-engine-company",
  p_organization_logo_url: SECOND_LOGO,
};

/** What each sample asks of the database, and when it happened. */
const EXPECTED: Record<SampleType, Expected> = {
  "user.created": {
    name: "upsert_user",
    at: "2026-03-02T09:00:00.644Z",
    args: {
      ...ADA,
      p_username: null,
      p_public_metadata: {},
      p_updated_at: "2026-03-02T09:00:00.626Z",
    },
  },
  "user.updated": {
    name: "upsert_user",
    at: "2026-03-02T09:00:01.613Z",
    args: {
      ...ADA,
      p_username: "ada",
      p_public_metadata: { department: "engineering" },
      p_updated_at: "2026-03-02T09:00:01.608Z",
    },
  },
  "user.deleted": {
    name: "delete_user",
    at: "2026-03-02T09:00:12.608Z",
    args: { p_external_id: USER },
  },
  "organization.created": {
    name: "upsert_org_with_owner",
    at: "2026-03-02T09:00:02.642Z",
    args: {
      ...ENGINES,
      p_name: "Analytical Engines",
      p_slug: "analytical-engines",
      p_logo_url: FIRST_LOGO,
      p_with_owner: true,
      p_public_metadata: {},
      p_updated_at: "2026-03-02T09:00:02.626Z",
    },
  },
  "organization.updated": {
    name: "upsert_org_with_owner",
    at: "2026-03-02T09:00:06.616Z",
    args: {
      ...ENGINES,
      p_name: "Analytical Engine Company",
      p_slug: "analytical-engine-company",
      p_logo_url: SECOND_LOGO,
      p_with_owner: false,
      p_public_metadata: { industry: "computing" },
      p_updated_at: "2026-03-02T09:00:06.608Z",
    },
  },
  "organization.deleted": {
    name: "delete_org",
    at: "2026-03-02T09:00:11.608Z",
    args: { p_external_id: ORGANIZATION },
  },
  "organizationMembership.created": {
    name: "set_membership",
    at: "2026-03-02T09:00:02.654Z",
    args: { ...MEMBERSHIP, p_role: "org:admin", p_updated_at: "2026-03-02T09:00:02.637Z" },
  },
  "organizationMembership.updated": {
    name: "set_membership",
    at: "2026-03-02T09:00:05.619Z",
    args: { ...MEMBERSHIP, p_role: "org:member", p_updated_at: "2026-03-02T09:00:05.608Z" },
  },
  // Its updated_at is the last update's, not the removal's: the removal takes none.
  "organizationMembership.deleted": {
    name: "remove_membership",
    at: "2026-03-02T09:00:07.608Z",
    args: { ...MEMBERSHIP, ...RENAMED },
  },
  "session.pending": session("09:00:03.629", "pending", "09:00:03.617", false),
  "session.created": session("09:00:04.617", "active", "09:00:04.608"),
  "session.ended": session("09:00:08.615", "ended", "09:00:08.608"),
  "session.removed": session("09:00:09.615", "removed", "09:00:09.608"),
  "session.revoked": session("09:00:10.615", "revoked", "09:00:10.608"),
  ...BILLING_EXPECTED,
};

for (const [type, { name, args, at }] of Object.entries(EXPECTED)) {
  Deno.test(`${type} is one call of ${name}, with the event's id, type, time and instance`, async () => {
    const webhook = startWebhook();
    const event = SAMPLES[type as SampleType];
    assert.equal(await webhook.deliver({ event, id: "msg_7" }), "200 applied");
    const context = {
      p_event_id: "msg_7",
      p_event_type: type,
      p_event_at: at,
      p_instance_id: event.instance_id,
    };
    assert.deepEqual(webhook.calls, [{ name, args: { ...args, ...context } }]);
  });
}

Deno.test("every sample is expected here", () => {
  assert.deepEqual(Object.keys(SAMPLES).sort(), Object.keys(EXPECTED).sort());
});
