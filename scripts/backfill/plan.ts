import { newState, type RunState, type UnfinishedRun } from "./checkpoint.ts";

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
