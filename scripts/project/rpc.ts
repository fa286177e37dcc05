import type * as z from "zod/mini";
import type {
  CallRpc,
  RpcFailure,
  RpcName,
} from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { DatabaseError } from "../../supabase/functions/_clerk_sync/sync/database.ts";
import { withTimeout } from "../../supabase/functions/_clerk_sync/async.ts";
import { printable } from "../command/printable.ts";
import {
  BRIEF_PATIENCE,
  noTraffic,
  PATIENCE,
  type Patience,
  persist,
  type Traffic,
} from "./persist.ts";
import { createProjectCall, findProject, type ProjectPlace } from "./project.ts";

/** A call of an RPC that was not done, in words that hold no value. */
export class ProjectError extends Error {
  override name = "ProjectError";

  constructor(readonly kind: RpcFailure["kind"], readonly code: string) {
    super(`the project: ${kind} (${printable(code, 80)})`);
  }
}

/** Calls an RPC of the project by name; resolves with what it returned, or rejects with a ProjectError. */
export type Rpc = (name: RpcName, args?: object) => Promise<unknown>;

/** What the calls of a run go by. */
export interface ProjectRpcOptions {
  /** Counts calls and retries. */
  traffic: Traffic;
  /** Ends the wait for another try. A call under way is finished. */
  signal: AbortSignal;
  /** Told of each wait, in words. */
  onWait: (why: string) => void;
  patience?: Patience;
}

/** Longer than the Data API's own limit of some seconds: nothing that it still works on is given up. */
const CALL_TIMEOUT_MS = 60_000;

/** The project's RPCs, called again after conflicts and what may pass. Every one of them is safe to repeat. */
export function projectRpc(
  callRpc: CallRpc,
  { traffic, signal, onWait, patience = PATIENCE }: ProjectRpcOptions,
): Rpc {
  return (name, args = {}) =>
    persist(async () => {
      traffic.project++;
      const result = await withTimeout(
        CALL_TIMEOUT_MS,
        (signal) => callRpc({ name, args }, signal),
      );
      if (result.kind !== "done") throw new ProjectError(result.kind, result.code);
      return result.answer;
    }, {
      patience,
      signal,
      worth: (error) => mayPass(error) ? patience.retries : 0,
      onRetry(error) {
        traffic.retries++;
        onWait(`${error.message}; trying again`);
      },
    });
}

/** The wrong key, no such RPC, another kind of server: nothing that waiting mends. */
const LASTING = /^(0A|28|3D|3F|42|PGRST[123])|^(unexpected_answer|unauthorized|no_data_api)$/;

function mayPass(error: Error): boolean {
  return error instanceof ProjectError && error.kind !== "refused" && !LASTING.test(error.code);
}

/** What an RPC returned, checked; rejects what no RPC of ours returns. */
export function parseAnswer<Schema extends z.ZodMiniType>(
  schema: Schema,
  answer: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new ProjectError("failed", "unexpected_answer");
}

/** Finds the project by the options of a command, says which it is, and calls its RPCs for someone who waits. */
export async function openProject(place: ProjectPlace, signal: AbortSignal): Promise<Rpc> {
  const project = await findProject(place);
  console.error(`Of ${project.url.host}, with the key of ${project.keySource}`);
  return projectRpc(createProjectCall(project), {
    traffic: noTraffic(),
    signal,
    onWait: console.error,
    patience: BRIEF_PATIENCE,
  });
}

/** What the core of the sync throws, as well, when a call was not done; null for any other error. */
export function asProjectError(error: unknown): ProjectError | null {
  if (error instanceof ProjectError) return error;
  return error instanceof DatabaseError
    ? new ProjectError(error.failure.kind, error.failure.code)
    : null;
}

/**
 * Does something with all items at once. When the database refuses, they are halved, until what it refuses is alone and is
 * given to `refused`: the rest goes on.
 */
export async function halving<Item, Result>(
  items: Item[],
  act: (items: Item[]) => Promise<Result[]>,
  refused: (item: Item, code: string) => Result[],
): Promise<Result[]> {
  const [only, ...others] = items;
  if (!only) return [];
  try {
    return await act(items);
  } catch (error) {
    const { kind, code } = asProjectError(error) ?? {};
    if (kind !== "refused" || code === undefined) throw error;
    if (others.length === 0) return refused(only, code);
    const middle = Math.ceil(items.length / 2);
    const first = await halving(items.slice(0, middle), act, refused);
    return [...first, ...await halving(items.slice(middle), act, refused)];
  }
}
