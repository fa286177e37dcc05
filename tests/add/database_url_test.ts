import assert from "node:assert/strict";
import { databaseUrl, type Known } from "../../scripts/add/database_url.ts";

const REF = "abcdefghijklmnopqrst";
const POOLER =
  `postgresql://postgres.${REF}:[YOUR-PASSWORD]@aws-0-eu-central-1.pooler.supabase.com:6543/postgres`;
const STACK = {
  API_URL: "http://127.0.0.1:54321",
  DB_URL: "postgresql://postgres:x@127.0.0.1:54322/postgres",
};
const NOTHING: Known = { stack: {}, pooler: null, password: undefined };

const FOUND: [name: string, url: string, known: Partial<Known>, database: string][] = [
  ["the local stack's own", "http://127.0.0.1:54321/", { stack: STACK }, STACK.DB_URL],
  [
    "a hosted one's direct address",
    `https://${REF}.supabase.co`,
    { password: "p@ss" },
    `postgresql://postgres:p%40ss@db.${REF}.supabase.co:5432/postgres`,
  ],
  [
    "the pooler of the project that is linked",
    `https://${REF}.supabase.co`,
    { password: "p", pooler: POOLER },
    POOLER.replace("[YOUR-PASSWORD]", "p"),
  ],
  [
    "not the pooler of another project",
    `https://${REF}.supabase.co`,
    { password: "p", pooler: POOLER.replace(REF, "z".repeat(20)) },
    `postgresql://postgres:p@db.${REF}.supabase.co:5432/postgres`,
  ],
];

for (const [name, url, known, database] of FOUND) {
  Deno.test(`the database of a project: ${name}`, () => {
    assert.equal(databaseUrl(url, { ...NOTHING, ...known }), database);
  });
}

const REFUSED: [name: string, url: string, says: RegExp][] = [
  ["a host that is not Supabase's", "https://api.example.com", /Name it: --db-url/],
  ["no password", `https://${REF}.supabase.co`, /set SUPABASE_DB_PASSWORD/],
  ["no address", "abc", /not an http or https address/],
];

for (const [name, url, says] of REFUSED) {
  Deno.test(`the database of a project can't be told: ${name}`, () => {
    assert.throws(() => databaseUrl(url, { ...NOTHING, stack: STACK }), {
      name: "UsageError",
      message: says,
    });
  });
}
