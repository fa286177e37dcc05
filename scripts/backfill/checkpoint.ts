import * as z from "zod/mini";
import { byKind } from "../clerk/kinds.ts";
import { BEGINNING, Place } from "../clerk/reading.ts";

/** So many rejected objects are named; the others are only counted. */
export const NAMED_REJECTIONS = 100;

const Count = z.int().check(z.gte(0));

const KindState = z.object({
  isDone: z.boolean(),
  /** False where Clerk has this kind switched off: it is done with what came until then. */
  isEnabled: z.boolean(),
  place: Place,
  /** How many rows Clerk says that there are; null before the first page. */
  total: z.nullable(Count),
  read: Count,
  applied: Count,
  unchanged: Count,
  rejected: Count,
});

/** How far one kind of object has come. */
export type KindState = z.infer<typeof KindState>;

const Rejection = z.object({ kind: z.string(), id: z.string(), code: z.string() });

/** An object that the database refuses, by its Clerk id and PostgreSQL's error code. */
export type Rejection = z.infer<typeof Rejection>;

const RunState = z.object({
  instanceId: z.string(),
  ...byKind(() => KindState),
  rejections: z.array(Rejection),
});

/**
 * How far a run has come: what it may skip when it is started again. It is stored in the database that it speaks of, after
 * the page that it counts: a database that has lost the page has lost the claim too.
 */
export type RunState = z.infer<typeof RunState>;

/** Nothing was read. */
export function newState(instanceId: string): RunState {
  const kind = () => ({
    isDone: false,
    isEnabled: true,
    place: BEGINNING,
    total: null,
    read: 0,
    applied: 0,
    unchanged: 0,
    rejected: 0,
  });
  return {
    instanceId,
    ...byKind(kind),
    rejections: [],
  };
}

const StoredRun = z.object({
  id: z.uuid(),
  state: RunState,
  started_at: z.string(),
  finished_at: z.nullable(z.string()),
});

/** A stored run that another one may go on with. */
export interface UnfinishedRun {
  id: string;
  state: RunState;
  startedAt: Date;
}

/** Reads what `sync_last_run` answers; null when there is none, it is finished, or another version wrote it. */
export function parseUnfinished(answer: unknown): UnfinishedRun | null {
  const parsed = StoredRun.safeParse(answer);
  if (!parsed.success || parsed.data.finished_at !== null) return null;
  const { id, state, started_at } = parsed.data;
  return { id, state, startedAt: new Date(started_at) };
}

/** What a run is about to do. */
export interface Plan {
  runId: string;
  state: RunState;
  /** When the run that it goes on with was started; null: it begins at the beginning. */
  resumedFrom: Date | null;
  /** Why an unfinished run is not gone on with, in words for people; null when there is none, or it is. */
  leftBehind: string | null;
}

/** What decides it. */
export interface PlanInput {
  instanceId: string;
  last: UnfinishedRun | null;
  isRestart: boolean;
  now: Date;
  newId: () => string;
}

/** A row that was read longer ago may have changed without anyone knowing. */
const RESUMABLE_MS = 24 * 60 * 60 * 1000;

/** Goes on with an unfinished run of the same instance, unless it is old or is not wanted. */
export function planRun({ instanceId, last, isRestart, now, newId }: PlanInput): Plan {
  const anew = { runId: newId(), state: newState(instanceId), resumedFrom: null };
  if (last === null || isRestart) return { ...anew, leftBehind: null };
  if (last.state.instanceId !== instanceId) {
    return { ...anew, leftBehind: "the unfinished run was another instance's" };
  }
  if (now.getTime() - last.startedAt.getTime() > RESUMABLE_MS) {
    return { ...anew, leftBehind: "the unfinished run is older than a day" };
  }
  return { runId: last.id, state: last.state, resumedFrom: last.startedAt, leftBehind: null };
}
