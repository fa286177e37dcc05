import assert from "node:assert/strict";
import { UsageError } from "../../scripts/command/usage_error.ts";
import { MOST_BODIES, readBodies } from "../../scripts/replay/bodies.ts";

const BODY = '{ "type": "user.created",\n  "data": {"id": "user_1"} }';

Deno.test("one body goes out as it is, under the id that is given", () => {
  assert.deepEqual(readBodies(BODY, "msg_1"), [{ id: "msg_1", type: "user.created", body: BODY }]);
});

Deno.test("without an id it is made from the body, whatever its white space", () => {
  const [first] = readBodies(BODY, null);
  const [second] = readBodies(JSON.stringify(JSON.parse(BODY)), null);
  const [other] = readBodies('{"type":"user.created","data":{"id":"user_2"}}', null);
  assert.match(first!.id, /^msg_replay_[0-9a-f]{32}$/);
  assert.equal(first!.id, second!.id);
  assert.notEqual(first!.id, other!.id);
});

Deno.test("an array and a body a line are the same events", () => {
  const bodies = ['{"type":"a","data":{}}', '{"type":"b","data":{}}'];
  const fromArray = readBodies(`[${bodies.join()}]`, null);
  assert.deepEqual(fromArray.map(({ type }) => type), ["a", "b"]);
  assert.deepEqual(readBodies(`${bodies.join("\r\n")}\n\n`, null), fromArray);
});

for (
  const [what, text, id] of [
    ["nothing", "", null],
    ["an empty array", "[]", null],
    ["what is not JSON", "user.created", null],
    ["a line that is not JSON", '{"type":"a"}\n{"type"', null],
    ["data without a type", '{"id":"user_1"}', null],
    ["a string", '"user.created"', null],
    ["one id for two bodies", '[{"type":"a"},{"type":"b"}]', "msg_1"],
    ["too many bodies", '{"type":"a"}\n'.repeat(MOST_BODIES + 1), null],
  ] as const
) {
  Deno.test(`${what} is refused`, () => {
    assert.throws(() => readBodies(text, id), UsageError);
  });
}
