import { deepEqual, equal } from "node:assert/strict";
import { toPostgrestError } from "../../scripts/stack/postgrest_error.ts";

const CASES: [code: string, status: number, answered: string][] = [
  ["40001", 500, "40001"],
  ["40P01", 500, "40P01"],
  ["57014", 500, "57014"],
  ["53400", 500, "53400"],
  ["23505", 409, "23505"],
  ["22P02", 400, "22P02"],
  ["P0001", 400, "P0001"],
  ["42P01", 404, "42P01"],
  ["21000", 500, "21000"],
  ["57P03", 503, "PGRST000"],
  ["ECONNREFUSED", 503, "PGRST000"],
  ["CONNECTION_CLOSED", 503, "PGRST001"],
];

for (const [code, status, answered] of CASES) {
  Deno.test(`${code} is answered with status ${status} and code ${answered}`, () => {
    const error = toPostgrestError(Object.assign(new Error("no"), { code })) as Error & {
      code: string;
      detail: string;
    };
    equal(error.code, "PGRST");
    deepEqual(JSON.parse(error.detail), { status, headers: {} });
    equal(JSON.parse(error.message).code, answered);
  });
}

for (const code of ["PGRST", "PT402", "42501"]) {
  Deno.test(`${code} is left as it is`, () => {
    const error = Object.assign(new Error("no"), { code });
    equal(toPostgrestError(error), error);
  });
}

for (const command of ["UPDATE", "DELETE"]) {
  Deno.test(`the refusal of an ${command} without a condition is the caller's fault`, () => {
    const message = `${command} requires a WHERE clause`;
    const error = Object.assign(new Error(message), { code: "21000" });
    const { detail } = toPostgrestError(error) as { detail: string };
    equal(JSON.parse(detail).status, 400);
  });
}

Deno.test("what is no error of the database is left as it is", () => {
  equal(toPostgrestError("text"), "text");
});
