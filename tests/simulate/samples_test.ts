import assert from "node:assert/strict";
import {
  type ClerkEvent,
  isSampleType,
  SAMPLE_TYPES,
  SAMPLES,
  STORY_TYPES,
} from "../../scripts/simulate/samples.ts";

const EVENTS: [string, ClerkEvent][] = Object.entries(SAMPLES);

Deno.test("the story has the guide's ten events in the order in which they happen", () => {
  assert.deepEqual(STORY_TYPES, [
    "user.created",
    "user.updated",
    "organization.created",
    "organizationMembership.created",
    "session.created",
    "organizationMembership.updated",
    "organization.updated",
    "organizationMembership.deleted",
    "organization.deleted",
    "user.deleted",
  ]);
});

Deno.test("every sample is of the type under which it is listed", () => {
  for (const [type, event] of EVENTS) assert.equal(event.type, type);
});

Deno.test("the samples' envelope times rise in story order", () => {
  const times = SAMPLE_TYPES.map((type) => SAMPLES[type].timestamp);
  assert.deepEqual(times, times.toSorted((a, b) => a - b));
});

Deno.test("a live object's envelope is stamped a few milliseconds after its updated_at", () => {
  for (const [type, { data, timestamp }] of EVENTS) {
    if (type.endsWith(".deleted")) continue;
    const lag = timestamp - (data.updated_at as number);
    assert.ok(lag >= 5 && lag <= 18, `${type}: ${lag} ms`);
  }
});

Deno.test("the deleted membership still carries the updated_at of its last update", () => {
  assert.equal(
    SAMPLES["organizationMembership.deleted"].data.updated_at,
    SAMPLES["organizationMembership.updated"].data.updated_at,
  );
});

Deno.test("the primary email address is not the first one", () => {
  for (const type of ["user.created", "user.updated"] as const) {
    const { email_addresses, primary_email_address_id } = SAMPLES[type].data;
    assert.equal(email_addresses.findIndex(({ id }) => id === primary_email_address_id), 1);
  }
});

Deno.test("one user, one organization, one membership and one session run through all samples", () => {
  for (const prefix of ["user", "org", "orgmem", "sess", "ins"]) {
    const ids = JSON.stringify(SAMPLES).match(new RegExp(`"${prefix}_\\w{27}"`, "g"));
    assert.equal(new Set(ids).size, 1, prefix);
  }
});

Deno.test("every address in the samples is one reserved for examples", () => {
  const text = JSON.stringify(SAMPLES);
  const hosts = text.match(/[\w.+-]+@[\w.-]+/g)?.map((address) => address.split("@")[1]);
  assert.deepEqual([...new Set(hosts)].sort(), ["example.com", "example.org"]);
  const ips = text.match(/"(client_ip|ip_address)":"[^"]+"/g)?.map((pair) => pair.split('"')[3]);
  assert.deepEqual([...new Set(ips)], ["203.0.113.7"]);
});

Deno.test("names of Object's own are no sample types", () => {
  assert.equal(isSampleType("constructor"), false);
  assert.equal(isSampleType("session.revoked"), true);
});
