import type { ClerkApi } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import {
  type Element,
  isSwitchedOff,
  type Kind,
  type KindName,
  KINDS,
  type PageOptions,
} from "../clerk/kinds.ts";
import type { Place, Portion } from "../clerk/reading.ts";
import type { Progress } from "../command/progress.ts";
import { unlessAborted } from "../project/persist.ts";
import { NAMED_REJECTIONS, type RunState } from "./checkpoint.ts";
import type { Stopwatch } from "./report.ts";
import { type PageOutcome, type Send, submit } from "./submit.ts";

/** What a run needs from outside. */
export interface Run {
  clerk: ClerkApi;
  pages: PageOptions;
  /** How far it has come; kept up to date, page by page. */
  state: RunState;
  /** How rows of a kind are handed over. */
  send: (kind: Kind) => Send;
  /** Stores how far it has come. Called after each page, and never while another call is under way. */
  save: (state: RunState) => Promise<void>;
  /** Ends the run after the page that is under way. */
  signal: AbortSignal;
  progress: Progress;
  stopwatch: Stopwatch;
}

/** How a run ended. `failed`: by an error, while it dealt with what `at` says. */
export type RunEnd =
  | { kind: "complete" }
  | { kind: "interrupted" }
  | { kind: "failed"; error: unknown; at: string };

/** Reads all kinds, one after the other, and hands each page over. */
export async function backfill(run: Run): Promise<RunEnd> {
  const saver = createSaver(run);
  for (const kind of KINDS) {
    const end = await backfillKind(kind, run, saver);
    if (end.kind !== "complete") return end;
  }
  return { kind: "complete" };
}

const END = { done: true, value: undefined } as const;

async function backfillKind(kind: Kind, run: Run, saver: Saver): Promise<RunEnd> {
  const { name } = kind;
  const { clerk, pages, state, signal, progress, stopwatch } = run;
  // What was switched off may be on again by now.
  if (state[name].isDone && state[name].isEnabled) return { kind: "complete" };
  stopwatch.begin(name);
  progress.begin(name, state[name].total, state[name].read);
  const portions = kind.read(clerk, pages, state[name].place);
  try {
    let isEnabled = true;
    for (;;) {
      const next = await unlessAborted(portions.next(), signal).catch((error: unknown) => {
        if (!isSwitchedOff(name, error)) throw error;
        isEnabled = false;
        return END;
      });
      if (next.done) break;
      const outcome = await submit(next.value.items, run.send(kind));
      record(state, name, next.value, outcome);
      const { total, read } = state[name];
      stopwatch.count(name, next.value.items.length);
      progress.step(total ?? read, read);
      for (const { id, code } of outcome.rejected) {
        progress.note(`${name}: the database refuses ${JSON.stringify(id)} (${code})`);
      }
      await saver.save();
    }
    state[name] = { ...state[name], isDone: true, isEnabled };
    await saver.save();
    await saver.saved();
    return { kind: "complete" };
  } catch (error) {
    if (signal.aborted) return { kind: "interrupted" };
    return { kind: "failed", error, at: describe(name, state[name].place) };
  } finally {
    await saver.saved().catch(() => {});
    progress.end();
    stopwatch.end(name);
  }
}

function record(
  state: RunState,
  name: KindName,
  { items, total, place }: Portion<Element>,
  { applied, unchanged, rejected }: PageOutcome,
): void {
  const before = state[name];
  state[name] = {
    isDone: false,
    isEnabled: true,
    place,
    total,
    read: before.read + items.length,
    applied: before.applied + applied,
    unchanged: before.unchanged + unchanged,
    rejected: before.rejected + rejected.length,
  };
  const named = rejected.map(({ id, code }) => ({ kind: name, id, code }));
  state.rejections = [...state.rejections, ...named].slice(0, NAMED_REJECTIONS);
}

interface Saver {
  /** Begins to save, once the save before is done; rejects when that one failed. */
  save(): Promise<void>;
  /** Waits for what was begun. */
  saved(): Promise<void>;
}

/** Saves while the next page is being written. */
function createSaver({ save, state }: Run): Saver {
  let pending = Promise.resolve();
  return {
    async save() {
      await pending;
      pending = save({ ...state });
      pending.catch(() => {});
    },
    saved: () => pending,
  };
}

function describe(name: KindName, { rows, lastIds }: Place): string {
  const last = lastIds.at(-1);
  return last ? `${name}, the page after row ${rows}, ${last}` : `${name}, the first page`;
}
