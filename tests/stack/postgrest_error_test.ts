import { deepEqual, equal } from "node:assert/strict";
import { toPostgrestError } from "../../scripts/stack/postgrest_error.ts";

/** What no statement can be made to end with at will; the others are asked of a running stack. */
const CONNECTION: [code: string, answered: string][] = [
  ["57P03", "PGRST000"],
  ["ECONNREFUSED", "PGRST000"],
  ["CONNECTION_CLOSED", "PGRST001"],
];

for (const [code, answered] of CONNECTION) {
  Deno.test(`${code} is answered with status 503 and code ${answered}`, () => {
    const { message, detail } = toPostgrestError(Object.assign(new Error("no"), { code })) as
      & Error
      & {
        detail: string;
      };
    deepEqual([JSON.parse(detail).status, JSON.parse(message).code], [503, answered]);
  });
}

Deno.test("a raised answer, what lite answers by itself, and what is no error are left as they are", () => {
  const errors = ["PGRST", "PT402", "42501"].map((code) =>
    Object.assign(new Error("no"), { code })
  );
  for (const error of [...errors, "text"]) equal(toPostgrestError(error), error);
});
