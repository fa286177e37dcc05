import type { Command, OptionValues } from "@commander-js/extra-typings";
import process from "node:process";
import {
  type ClerkApi,
  createClerkApi,
  PAGE_LIMIT,
} from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import type { CallSource } from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { type EnvFile, readFunctionEnv } from "../command/env_file.ts";
import { projectOptions, wholeNumber, type With } from "../command/options.ts";
import { type Progress, startProgress } from "../command/progress.ts";
import { UsageError } from "../command/usage_error.ts";
import { noTraffic, type Traffic } from "../project/persist.ts";
import { createProjectCall, findProject, type ProjectPlace } from "../project/project.ts";
import { projectRpc, type Rpc } from "../project/rpc.ts";
import type { PageOptions } from "./kinds.ts";
import { createThrottle, defaultRate, patientClerk } from "./patient_clerk.ts";

/** Clerk answers a page within seconds, or not at all. */
const CLERK_TIMEOUT_MS = 30_000;

/** Adds what backfill and drift read both sides by. */
export function sidesOptions<Args extends unknown[], Opts extends OptionValues>(
  command: Command<Args, Opts>,
): With<Args, Opts, SidesOptions> {
  return projectOptions(
    command
      .option(
        "--rate <n>",
        "requests to Clerk in ten seconds (default: 900 with sk_live_…, 90 with sk_test_…)",
        wholeNumber("rate", 2, 10_000),
      )
      .option(
        "--concurrency <n>",
        "pages under way at once, 1 to 16",
        wholeNumber("concurrency", 1, 16),
        4,
      )
      .option(
        "--page-size <n>",
        `rows on a page, 2 to ${PAGE_LIMIT}`,
        wholeNumber("page-size", 2, PAGE_LIMIT),
        PAGE_LIMIT,
      ),
  ) as never;
}

/** What --help says of the environment, where `sidesOptions` are taken. */
export const SIDES_NOTE = `Environment:
  CLERK_SECRET_KEY     sk_test_… or sk_live_…; else that of supabase/functions/.env
  CLERK_INSTANCE_ID    when set, the instance (ins_…) that the Clerk key must be of
  SUPABASE_SECRET_KEY  the project's secret key (or SUPABASE_SERVICE_ROLE_KEY)
  CLERK_SYNC_SCHEMA    the schema with the sync's tables, where it is not public`;

/** The options that name both sides, and how much is asked of them. */
export interface SidesOptions extends ProjectPlace {
  rate?: number | undefined;
  concurrency: number;
  pageSize: number;
}

/** Clerk and the project, found and called with patience. */
export interface OpenSides {
  clerk: ClerkApi;
  rpc: Rpc;
  pages: PageOptions;
  /** The instance that the key has to be of; null: whichever the project holds. */
  expectedInstanceId: string | null;
  /** Host of the project, for people. */
  project: string;
  /** Where the sync's tables are in it. */
  schema: string;
  traffic: Traffic;
  progress: Progress;
}

/** Finds both sides, and says on stderr what is done to which project. Throws a UsageError where one is not named. */
export async function openSides(
  { rate, concurrency, pageSize, ...place }: SidesOptions,
  { doing, source, signal }: { doing: string; source: CallSource; signal: AbortSignal },
): Promise<OpenSides> {
  const access = resolveClerk({
    env: Deno.env.toObject(),
    file: await readFunctionEnv(place.project),
  });
  const project = await findProject(place);
  console.error(`${doing} ${project.url.host}, with the key of ${project.keySource}`);

  const progress = startProgress(Deno.stderr.isTerminal());
  signal.addEventListener("abort", () => progress.note("stopping after this page …"));
  const traffic = noTraffic();
  const patience = { traffic, signal, onWait: progress.note };
  const throttle = createThrottle({ rate: rate ?? defaultRate(access.isLive), concurrency });
  const api = createClerkApi({ ...access, timeoutMs: CLERK_TIMEOUT_MS });
  return {
    clerk: patientClerk(api, { throttle, ...patience }),
    rpc: projectRpc(createProjectCall(project, source), patience),
    pages: { limit: pageSize, concurrency },
    expectedInstanceId: access.instanceId,
    project: project.url.host,
    schema: project.schema,
    traffic,
    progress,
  };
}

/** The most memory that this process has used, in MB. */
export function peakMemoryMb(): number {
  // Kilobytes, on every system.
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

/** How Clerk is reached. */
export interface ClerkAccess {
  secretKey: string;
  /** Another address than Clerk's own. */
  apiUrl: string | undefined;
  /** Whether the key is a production instance's, `sk_live_…`. */
  isLive: boolean;
  /** When set, the instance that the key has to be of. */
  instanceId: string | null;
}

/** The places to look at, the first one first. */
export interface ClerkSources {
  env: Record<string, string | undefined>;
  /** The environment of the functions on this machine. */
  file: EnvFile;
}

/** Finds Clerk's secret key and checks its form, before anything is sent. Throws a UsageError that never holds it. */
export function resolveClerk({ env, file }: ClerkSources): ClerkAccess {
  const find = (name: string) => env[name]?.trim() || file.values[name]?.trim();
  const secretKey = find("CLERK_SECRET_KEY");
  if (!secretKey) {
    throw new UsageError(
      `CLERK_SECRET_KEY is not set: set it, or put it into ${file.path}. ` +
        "It is in Clerk's Dashboard under API keys.",
    );
  }
  const [, mode] = /^sk_(test|live)_\w+$/.exec(secretKey) ?? [];
  if (!mode) throw new UsageError("CLERK_SECRET_KEY is malformed: it is sk_test_… or sk_live_….");
  const apiUrl = find("CLERK_API_URL");
  if (apiUrl && !isHttpUrl(apiUrl)) {
    throw new UsageError("CLERK_API_URL is not an http or https address.");
  }
  const instanceId = find("CLERK_INSTANCE_ID") || null;
  return { secretKey, apiUrl: apiUrl || undefined, isLive: mode === "live", instanceId };
}

function isHttpUrl(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? "");
}
