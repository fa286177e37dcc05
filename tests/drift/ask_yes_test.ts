/** What a repair takes for a yes. */
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { askYes } from "../../scripts/drift/deletes.ts";

async function answerTo(given: string | null): Promise<boolean> {
  const input = new PassThrough();
  const interruption = new AbortController();
  const asked: string[] = [];
  const answer = askYes("Delete them here?", {
    input,
    write: (text) => void asked.push(text),
    signal: interruption.signal,
  });
  assert.deepEqual(asked, ["Delete them here? (yes/no) "]);
  if (given === null) interruption.abort();
  else input.end(given);
  return await answer;
}

for (const given of ["yes\n", " YES \r\n", "yes"]) {
  Deno.test(`drift: ${JSON.stringify(given)} is yes`, async () => {
    assert.equal(await answerTo(given), true);
  });
}

for (const given of ["no\n", "y\n", "\n", "\nyes\n", "", null]) {
  Deno.test(`drift: ${given === null ? "Ctrl-C" : JSON.stringify(given)} is no`, async () => {
    assert.equal(await answerTo(given), false);
  });
}
