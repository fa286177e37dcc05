import postgres, { type Sql } from "postgres";
import { type Conclusion, type Conduct, conduct } from "../../scripts/backfill/conduct.ts";
import { type Report, Stopwatch } from "../../scripts/backfill/report.ts";
import type { Progress } from "../../scripts/command/progress.ts";
import { createThrottle, patientClerk } from "../../scripts/clerk/patient_clerk.ts";
import { noTraffic } from "../../scripts/project/persist.ts";
import { projectRpc } from "../../scripts/project/rpc.ts";
import type { StackEnv } from "../../scripts/stack/env_file.ts";
import { startTemporaryStack } from "../../scripts/temporary_stack.ts";
import { createClerkApi } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import { type CallRpc, createCallRpc } from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import type { ClerkInstance } from "../clerk_api/instance.ts";
import { type ClerkApiServer, startClerkApi } from "../clerk_api/server.ts";
import type { WorldInstance } from "../clerk_api/world_instance.ts";
import {
  type CommandName,
  type Ended,
  endOf,
  type Given,
  runCommand,
  spawnCommand,
} from "../support/run_command.ts";
import { smallWorld } from "./worlds.ts";

/** A stack of its own: which instance it is bound to, and which run was the last, is nobody else's business. */
export interface Ground extends AsyncDisposable {
  env: StackEnv;
  /** As the database's owner. */
  sql: Sql;
  /** Leaves no row of any table but the settings. */
  empty(): Promise<void>;
}

async function startGround(): Promise<Ground> {
  const stack = await startTemporaryStack();
  const sql = postgres(stack.env.DB_URL, { max: 2, onnotice: () => {} });
  const names = await sql<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name
    from pg_tables
    where schemaname in ('public', 'clerk_sync')
      and tablename <> 'settings'
  `;
  return {
    env: stack.env,
    sql,
    empty: async () => {
      await sql.unsafe(`truncate ${names.map(({ name }) => name).join(", ")}`);
    },
    [Symbol.asyncDispose]: async () => {
      await sql.end();
      await stack[Symbol.asyncDispose]();
    },
  };
}

/** All tests of a file share one: each step begins with an empty database. */
let ground: Promise<Ground> | undefined;

Deno.test.afterAll(async () => {
  await (await ground)?.[Symbol.asyncDispose]();
});

/**
 * A test on a ground, of several steps that each begin with an empty database. Tests that need none go before, in a file.
 */
export function groundTest(
  name: string,
  run: (
    ground: Ground,
    step: (name: string, run: () => Promise<void>) => Promise<void>,
  ) => Promise<void>,
): void {
  // Clerk's client leaves what it has timed out to itself.
  const sanitizers = { sanitizeOps: false, sanitizeResources: false };
  Deno.test({
    name,
    ...sanitizers,
    fn: async (test) => {
      const started = await (ground ??= startGround());
      const step = async (name: string, run: () => Promise<void>) => {
        const fn = async () => {
          await started.empty();
          await run();
        };
        await test.step({ name, fn, ...sanitizers });
      };
      await run(started, step);
    },
  });
}

/** Clerk's stand-in for an instance, all of which a backfill has brought into the project already. */
export async function synced<Instance extends ClerkInstance = WorldInstance>(
  ground: Ground,
  instance: Instance = smallWorld() as ClerkInstance as Instance,
  settings: Settings = { limit: 100 },
): Promise<ClerkApiServer & { instance: Instance }> {
  const server = startClerkApi({ instance });
  await runBackfill(ground, server, settings);
  return Object.assign(server, { instance });
}

/** What of both sides may be otherwise than in most tests. */
export interface SidesSettings {
  limit?: number;
  concurrency?: number;
  secretKey?: string;
  expectedInstanceId?: string;
  signal?: AbortSignal;
  /** How long an answer of Clerk's may take. */
  timeoutMs?: number;
  /** Told of each page that is done. */
  onPage?: () => void;
  now?: () => Date;
  /** Goes around every call of the project. */
  around?: (callRpc: CallRpc) => CallRpc;
}

/** What may be otherwise than in most tests. */
export type Settings =
  & SidesSettings
  & Partial<Pick<Conduct, "isDryRun" | "isRestart" | "isSwitch">>;

/** Few retries, after few milliseconds. */
const PATIENCE = { retries: 4, firstPauseMs: 5, longestPauseMs: 20 };

/** Clerk and the project over HTTP, as the commands open them. */
export function sidesOf({ env }: Ground, server: ClerkApiServer, settings: SidesSettings) {
  const { limit = 10, concurrency = 3, timeoutMs = 60_000, around = (callRpc) => callRpc } =
    settings;
  const signal = settings.signal ?? new AbortController().signal;
  const traffic = noTraffic();
  const options = { traffic, signal, onWait: () => {}, patience: PATIENCE };
  const access = { secretKey: settings.secretKey ?? server.secretKey, apiUrl: server.url };
  const throttle = createThrottle({ rate: 100_000, concurrency });
  return {
    clerk: patientClerk(createClerkApi({ ...access, timeoutMs }), { throttle, ...options }),
    rpc: projectRpc(around(createCallRpc(env.API_URL, env.SECRET_KEY)), options),
    pages: { limit, concurrency },
    expectedInstanceId: settings.expectedInstanceId ?? null,
    signal,
    progress: { begin() {}, step: () => settings.onPage?.(), note() {}, end() {} } as Progress,
    traffic,
    now: settings.now ?? (() => new Date()),
    newId: () => crypto.randomUUID(),
  };
}

/** Backfills in this process, as the command does. */
export function runBackfill(
  ground: Ground,
  server: ClerkApiServer,
  { isDryRun = false, isRestart = false, isSwitch = false, ...settings }: Settings = {},
): Promise<Conclusion> {
  const sides = sidesOf(ground, server, settings);
  return conduct({ ...sides, isDryRun, isRestart, isSwitch, stopwatch: new Stopwatch(() => 0) });
}

/** The variables that name a project and an instance. */
export function envFor({ env }: Ground, server: ClerkApiServer): Record<string, string> {
  return {
    CLERK_SECRET_KEY: server.secretKey,
    CLERK_API_URL: server.url,
    CLERK_INSTANCE_ID: server.instanceId,
    SUPABASE_URL: env.API_URL,
    SUPABASE_SECRET_KEY: env.SECRET_KEY,
  };
}

/** Runs the command to its end. */
export function backfill(env: Record<string, string>, args: string[] = []): Promise<Ended> {
  return runCommand("backfill", { env, args });
}

/** The report that --json printed. */
export function reportIn({ stdout }: Ended): Report {
  return JSON.parse(stdout);
}

/** Starts a command, and kills it after a part, by chance, of so many requests to Clerk, unless it ends before. */
export async function liveFor(
  requests: number,
  [least, most]: [number, number],
  server: ClerkApiServer,
  name: CommandName,
  given: Given,
): Promise<Ended> {
  server.requests.length = 0;
  const last = requests * (least + Math.random() * (most - least));
  const child = spawnCommand(name, given);
  const timer = setInterval(() => {
    if (server.requests.length < last) return;
    clearInterval(timer);
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended just now.
    }
  }, 20 * Math.random());
  child.status.finally(() => clearInterval(timer));
  return await endOf(child);
}
