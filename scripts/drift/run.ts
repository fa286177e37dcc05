import { earlyEndOf } from "../clerk/ending.ts";
import type { Traffic } from "../project/persist.ts";
import { asProjectError } from "../project/rpc.ts";
import { type Conclusion, type Conduct, conduct } from "./conduct.ts";
import { type Outcome, type Report, reportOf, stateOf } from "./report.ts";

/** What a run needs besides. */
export interface Run extends Conduct {
  /** Host of the project, for people. */
  project: string;
  /** Keeps the result in the project. */
  isRecorded: boolean;
  newId: () => string;
  traffic: Traffic;
  /** The most memory that this process has used. */
  peakMemoryMb: () => number;
}

/** Checks, reports, and keeps the result where it was found: the one write of a check that repairs nothing. */
export async function run(input: Run): Promise<Report> {
  const { project, removal, traffic, isRecorded, now, peakMemoryMb } = input;
  const startedAt = now();
  const conclusion = await conduct(input);

  const report = (outcome: Outcome) =>
    reportOf({
      ...outcome,
      conclusion,
      project,
      is_repair: removal !== null,
      traffic,
      startedAt,
      endedAt: now(),
      peak_memory_mb: peakMemoryMb(),
    });
  const first = report(outcomeOf(conclusion, input));
  // A project that the key is not for is not written to, not even this.
  if (!isRecorded || first.instance_id === null) return first;
  try {
    await record(input, first);
    return first;
  } catch (error) {
    return report(couldNotTell(error, "the keeping of the result", project));
  }
}

async function record({ rpc, newId }: Run, report: Report): Promise<void> {
  await rpc("sync_save_run", {
    p_id: newId(),
    p_kind: "drift",
    p_state: stateOf(report),
    p_is_finished: true,
  });
}

const UNSETTLED = {
  error: "unsettled",
  message: "Clerk's organizations change faster than they are repaired: slugs moved even in the " +
    "last look. Repair again when that is over.",
};

function outcomeOf({ end, tally }: Conclusion, { project, removal }: Run): Outcome {
  const fine = { error: null, message: null };
  switch (end.kind) {
    case "complete":
    case "unsettled": {
      if (tally.left > 0) return { outcome: "drift", ...fine };
      if (end.kind === "unsettled") return { outcome: "could_not_tell", ...UNSETTLED };
      return { outcome: removal && tally.found > 0 ? "repaired" : "in_sync", ...fine };
    }
    case "interrupted":
      return { outcome: "interrupted", ...fine };
    case "refused":
      return { outcome: "could_not_tell", error: "other_instance", message: end.message };
    case "failed":
      return couldNotTell(end.error, end.at, project);
  }
}

/** What nobody foresaw is thrown. */
function couldNotTell(error: unknown, at: string, project: string): Outcome {
  const early = earlyEndOf(asProjectError(error) ?? error, { project });
  if (!early) throw error;
  return { outcome: "could_not_tell", error: early.word, message: `${early.message} At ${at}.` };
}
