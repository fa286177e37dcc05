/**
 * What the four functions say of generated claims, beside Clerk's own decoder: the same of claims as Clerk writes them, never
 * more of any others, and nothing where the decoder takes from an odd claim what it can.
 */
import { createCheckAuthorization } from "@clerk/shared/authorization";
import { __experimental_JWTPayloadToAuthObjectProperties as authOf } from "@clerk/shared/jwtPayloadParser";
import fc from "fast-check";
import assert from "node:assert/strict";
import type { Sql } from "postgres";
import { newTag } from "../support/app.ts";
import { databaseTest } from "../support/stack.ts";

type Claims = Record<string, unknown>;

/** One call: of has_permission, has_feature, has_plan or has_role. */
type Question = [kind: "permission" | "feature" | "plan" | "role", asked: string];

const TAG = newTag();
const USER = `user_${TAG}`;
const ROLES = ["admin", "member", "billing_manager"];
const NAMES = ["invoices", "reports", "ai", "export-csv", "org", "o", "größe"];
const NAME = fc.oneof(fc.constantFrom(...NAMES), fc.stringMatching(/^[a-z0-9_-]{1,12}$/));

/** `o:ai,u:chat`: each name once. */
const SCOPED = fc.uniqueArray(fc.tuple(fc.constantFrom("o", "u", "uo", "ou"), NAME), {
  selector: ([, name]) => name,
  minLength: 1,
  maxLength: 8,
});

const written = (entries: [scope: string, name: string][]) =>
  entries.map((entry) => entry.join(":")).join();

const VERSION_1 = fc.record({
  role: fc.constantFrom(...ROLES),
  isPrefixed: fc.boolean(),
  permissions: fc.uniqueArray(fc.tuple(NAME, NAME), { maxLength: 8 }),
}).map(({ role, isPrefixed, permissions }): Claims => ({
  sub: USER,
  org_id: organization(role),
  org_role: isPrefixed ? `org:${role}` : role,
  org_permissions: permissions.map(([feature, name]) => `org:${feature}:${name}`),
}));

/** With up to 150 permissions, for numbers that neither a double nor 64 bits hold. */
const VERSION_2 = fc.record({
  role: fc.constantFrom(...ROLES),
  features: SCOPED,
  plans: SCOPED,
  names: fc.uniqueArray(NAME, { minLength: 1, maxLength: 150, size: "max" }),
}).chain(({ role, features, plans, names }) => {
  const ofOrganization = features.filter(([scope]) => scope !== "u").length;
  const numbers = fc.array(fc.bigInt(0n, 2n ** BigInt(names.length) - 1n), {
    minLength: ofOrganization,
    maxLength: ofOrganization,
  });
  return numbers.map((numbers): Claims => ({
    sub: USER,
    v: 2,
    sts: "active",
    fea: written(features),
    pla: written(plans),
    o: {
      id: organization(role),
      rol: role,
      ...numbers.length > 0 && { per: names.join(), fpm: numbers.join() },
    },
  }));
});

/** It then has nothing of one either. */
const WITHOUT_ORGANIZATION = fc.tuple(SCOPED, SCOPED).map((scoped): Claims => {
  const [fea, pla] = scoped.map((entries) => written(entries.map(([, name]) => ["u", name])));
  return { sub: USER, v: 2, fea, pla };
});

const CLAIMS = fc.oneof(VERSION_1, { arbitrary: VERSION_2, weight: 3 }, WITHOUT_ORGANIZATION);

/** Claims with one of them, or one of `o`, replaced by something. */
const ODD_CLAIMS = fc.tuple(
  CLAIMS,
  fc.constantFrom("v", "o", "fea", "pla", "org_id", "org_role", "org_permissions"),
  fc.constantFrom("id", "rol", "per", "fpm"),
  fc.oneof(
    fc.jsonValue({ stringUnit: "grapheme" }),
    fc.string({ unit: fc.constantFrom(..."ou:,0127- \t\u00a0", "org:", ...NAMES, ...ROLES) }),
  ),
  fc.boolean(),
).map(([claims, name, inside, value, isInside]): Claims =>
  isInside && claims.o
    ? { ...claims, o: { ...claims.o, [inside]: value } }
    : { ...claims, [name]: value }
);

/** What claims have, written in every way, and what they may not have. Of permissions the last: their bits are the highest. */
function questionsOf({ fea, pla, o, org_permissions }: Claims, others: string[]): Question[] {
  const namesIn = (claim: unknown) => String(claim).split(/[,:]/).filter((_, place) => place % 2);
  const names = [...namesIn(fea), ...namesIn(pla), ...others];
  const ofVersion2 = String((o as Claims | undefined)?.per).split(",").slice(-10);
  const pairs = names.flatMap((feature) =>
    [...ofVersion2, ...others].map((name) => `${feature}:${name}`)
  );
  const permissions = [...pairs, ...[org_permissions].flat().map(String)];
  return [
    ...[...ROLES, ...names].flatMap((
      role,
    ): Question[] => [["role", role], ["role", `org:${role}`]]),
    ...names.flatMap((name) => [name, `org:${name}`, `u:${name}`, `no:${name}`])
      .flatMap((asked): Question[] => [["feature", asked], ["plan", asked]]),
    ...permissions.map((asked, place): Question => [
      "permission",
      place % 2 ? asked : `org:${asked}`,
    ]),
  ];
}

/** Clerk's answer. Each kind is asked by itself, for one claim that the decoder can't read ends all of its answers. */
function clerkSays({ fea, pla, ...claims }: Claims, [kind, asked]: Question): boolean {
  const o = claims.o && kind === "role" ? { ...claims.o, per: undefined } : claims.o;
  const token = kind === "permission" ? { ...claims, fea } : { ...claims, o };
  try {
    const auth = ["permission", "role"].includes(kind) ? authOf(token as never) : {};
    const all = { ...auth, userId: USER, features: fea, plans: pla };
    return createCheckAuthorization(all as never)({ [kind]: asked } as never);
  } catch {
    return false;
  }
}

/** The database's answers, to an app whose user has such a token. */
async function databaseSays(sql: Sql, claims: Claims, questions: Question[]): Promise<unknown[]> {
  const token = JSON.stringify({ ...claims, role: "authenticated" });
  return await sql.begin(async (sql) => {
    await sql`select
      set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${token}, true)`;
    const rows = await sql`
      select case kind
        when 'permission' then public.has_permission(asked)
        when 'feature' then public.has_feature(asked)
        when 'plan' then public.has_plan(asked)
        else public.has_role(asked)
      end as said
      from unnest(${questions.map(([kind]) => kind)}::text[], ${
      questions.map(([, asked]) => asked)
    }::text[]) with ordinality question (kind, asked, place)
      order by place`;
    return rows.map(({ said }) => said);
  });
}

/** Where the user has this role. */
function organization(role: string): string {
  return `org_${TAG}_${role}`;
}

async function becomeMember(sql: Sql): Promise<void> {
  await sql`select public.upsert_user(${USER})`;
  for (const role of ROLES) {
    await sql`select public.upsert_org_with_owner(${organization(role)}, ${role})`;
    await sql`select public.set_membership(${organization(role)}, ${USER}, ${`org:${role}`})`;
  }
}

/** Asks both. */
async function answersOf(sql: Sql, claims: Claims, others: string[]) {
  const questions = questionsOf(claims, others);
  const said = await databaseSays(sql, claims, questions);
  return questions.map((question, index) => ({
    question: question.join(" "),
    clerk: clerkSays(claims, question),
    database: said[index],
  }));
}

databaseTest("of claims as Clerk writes them the database says what Clerk says", async (sql) => {
  await becomeMember(sql);
  let granted = 0;
  await fc.assert(
    fc.asyncProperty(CLAIMS, fc.array(NAME, { maxLength: 2 }), async (claims, others) => {
      const answers = await answersOf(sql, claims, others);
      assert.deepEqual(answers.filter(({ clerk, database }) => clerk !== database), []);
      granted += answers.filter(({ question, clerk }) => clerk && /^perm/.test(question)).length;
    }),
    { numRuns: 100 },
  );
  assert.ok(granted > 100);
});

databaseTest("of any other claims it says false, or what Clerk says", async (sql) => {
  await becomeMember(sql);
  await fc.assert(
    fc.asyncProperty(ODD_CLAIMS, fc.array(NAME, { maxLength: 1 }), async (claims, others) => {
      const answers = await answersOf(sql, claims, others);
      const more = answers.filter(({ clerk, database }) =>
        database !== false && !(database === true && clerk)
      );
      assert.deepEqual(more, []);
    }),
    { numRuns: 200 },
  );
});

const ORDINARY = {
  sub: USER,
  v: 2,
  fea: "o:ai,o:invoices",
  pla: "u:pro",
  o: { id: organization("admin"), rol: "admin", per: "read,write", fpm: "1,1" },
};

/** Where Clerk's decoder says yes. */
const DIFFERENCES: [what: string, claims: Claims, ...question: Question][] = [
  ["spaces between names", { fea: "o:ai, o:invoices" }, "feature", "ai"],
  ["spaces between numbers", { o: { fpm: "1, 1" } }, "permission", "invoices:read"],
  ["an empty name", { o: { per: "read," } }, "permission", "invoices:read"],
  ["an empty scope", { fea: ":x,o:ai" }, "feature", "ai"],
  ["a colon in a name", { fea: "o:a:b,o:invoices" }, "permission", "a:b:read"],
  ["a feature twice", { fea: "o:ai,uo:ai" }, "feature", "org:ai"],
  ["a plan twice", { pla: "u:pro,u:pro" }, "plan", "user:pro"],
  ["a feature twice, with two numbers", { fea: "o:ai,o:ai" }, "permission", "ai:read"],
  ["a permission twice", { o: { per: "read,read" } }, "permission", "ai:read"],
  ["more numbers than features", { o: { fpm: "1,1,1" } }, "permission", "ai:read"],
  ["fewer numbers than features", { o: { fpm: "1" } }, "permission", "ai:read"],
  ["a bit of no permission", { o: { fpm: "5,1" } }, "permission", "ai:read"],
  ["a negative number", { o: { fpm: "1,-1" } }, "permission", "ai:read"],
  ["a fraction", { o: { fpm: "1,1.0" } }, "permission", "ai:read"],
  ["an empty number", { o: { fpm: "1," } }, "permission", "ai:read"],
  ["a role with its prefix", { o: { rol: "org:admin" } }, "role", "admin"],
  ["no role", { o: { rol: undefined } }, "permission", "ai:read"],
  ["features of the organization without one", { o: undefined }, "feature", "org:ai"],
  ["features without a version", { v: undefined }, "feature", "ai"],
  ["100 kB of features", { fea: `o:ai,${"u:a,".repeat(25_000)}u:b` }, "feature", "ai"],
  ["an argument with two scopes", {}, "feature", "org:ai:chat"],
  ["an argument that ends with its scope", { fea: "o:org" }, "feature", "org:"],
  ...["2", 1, 3, null, [2]].map((v): [string, Claims, ...Question] => [
    `version ${JSON.stringify(v)} with old claims`,
    { v, o: undefined, org_id: organization("admin"), org_role: "org:admin" },
    "role",
    "admin",
  ]),
];

databaseTest("of these it says false, where Clerk's decoder says true", async (sql) => {
  await becomeMember(sql);
  for (const [what, claims, ...question] of DIFFERENCES) {
    const whole: Claims = { ...ORDINARY, ...claims };
    if (claims.o) whole.o = { ...ORDINARY.o, ...claims.o };
    assert.equal(clerkSays(whole, question), true, what);
    assert.deepEqual(await databaseSays(sql, whole, [question]), [false], what);
  }
});
