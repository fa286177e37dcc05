import assert from "node:assert/strict";
import { createAsk } from "../../scripts/doctor/ask.ts";
import {
  type Check,
  type Context,
  examine as run,
  type Finding,
} from "../../scripts/doctor/check.ts";
import { CHECKS } from "../../scripts/doctor/checks.ts";
import { readExpected } from "../../scripts/doctor/expected.ts";
import { dataApi } from "../../scripts/doctor/project.ts";
import type { Target } from "../../scripts/doctor/target.ts";

/** The time of these tests. */
export const NOW = new Date("2026-12-01T12:00:00Z");

export const SECRET = `whsec_${btoa("a secret for tests, 24+ b")}`;

const TARGET: Target = {
  source: "the tests",
  projectUrl: new URL("http://project.test"),
  schema: "public",
  secretKey: { text: "sb_secret_test", source: "SUPABASE_SECRET_KEY" },
  publishableKey: "sb_publishable_test",
  webhookUrl: "https://project.test/functions/v1/clerk-webhook",
  webhookSecret: { text: SECRET, source: "CLERK_WEBHOOK_SECRET" },
  clerkKey: null,
  clerkApiUrl: null,
  clerkInstanceId: null,
};

/** What a test gives a check. */
export interface World {
  target?: Partial<Target>;
  /** Answers every request. */
  answer?: (request: Request) => Response | Promise<Response>;
  skews?: number[];
  instanceId?: () => Promise<string>;
}

/** Runs one check, by its id, in a world of fakes. */
export function examine(id: string, world: World = {}): Promise<Finding> {
  return run(checkOf(id), contextOf(world));
}

function checkOf(id: string): Check {
  const check = CHECKS.find((check) => check.id === id);
  if (!check) throw new Error(`there is no check ${id}`);
  return check;
}

function contextOf(world: World): Context {
  const { answer = () => new Response(null, { status: 404 }), skews = [] } = world;
  const target = { ...TARGET, ...world.target };
  const fetch = (input: string | URL | Request, init?: RequestInit) =>
    Promise.resolve(answer(new Request(input, init)));
  const now = () => NOW;
  const url = target.projectUrl ?? new URL("http://nowhere.test");
  const ask = createAsk({ fetch, timeoutMs: 1_000, now, onClock: (skew) => skews.push(skew) });
  return {
    target,
    ask,
    project: dataApi(ask, url, target.secretKey?.text ?? "", target.schema),
    anonymous: dataApi(ask, url, target.publishableKey ?? "", target.schema),
    expected: readExpected(),
    skews,
    now,
    createClerk: () => ({ instanceId: world.instanceId } as ReturnType<Context["createClerk"]>),
    timeoutMs: 1_000,
  };
}

/** The answers of an RPC by its name; any other is not there. */
export function rpcs(answers: Record<string, unknown>): (request: Request) => Response {
  return ({ url }) => {
    const name = new URL(url).pathname.split("/").at(-1)!;
    return Object.hasOwn(answers, name)
      ? Response.json(answers[name])
      : Response.json({ code: "PGRST202" }, { status: 404 });
  };
}

/** What a check meets, and what it must say then. */
type Case = [what: string, world: World, expected: RegExp];

/** A test for each case of a check, named by the level that it expects. */
export function cases(id: string, list: Case[]): void {
  for (const [what, world, expected] of list) {
    const [, level] = /^\^(\w+)/.exec(expected.source) ?? [];
    Deno.test(`${checkOf(id).title}: ${what}: ${level}`, async () => {
      assert.match(said(await examine(id, world)), expected);
    });
  }
}

/** The level of a finding and what it says, in one text. */
function said(finding: Finding): string {
  return [finding.level, finding.detail, "fix" in finding ? `→ ${finding.fix}` : ""].join(" ")
    .trim();
}
