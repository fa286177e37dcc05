import { mapLimited } from "../../supabase/functions/_clerk_sync/async.ts";
import { isSwitchedOff, kindsSwitchedWith } from "../clerk/kinds.ts";
import { formatCount } from "../command/progress.ts";
import type { Check, Extra } from "./check.ts";
import type { DriftKind, Known, Row } from "./drift_kind.ts";
import { examine } from "./examine.ts";

/** Compares all objects of a kind: those that Clerk lists, and then those that live here and that it did not list. */
export async function checkKind(check: Check, kind: DriftKind): Promise<void> {
  try {
    const seen = await readClerk(check, kind);
    await readHere(check, kind, seen);
  } catch (error) {
    if (!isSwitchedOff(kind.name, error)) throw error;
    await leaveAlone(check, kind);
  }
}

/**
 * Clerk has the kind switched off, so that nothing is known of any object: what was found of it is dropped, and nothing
 * ends.
 */
async function leaveAlone(check: Check, kind: DriftKind): Promise<void> {
  const { sides, tally, doubts, signal } = check;
  doubts.dropAll(kind);
  // One switch is of several kinds: what was gone a moment ago may have been so for being switched off.
  const off = kindsSwitchedWith(kind.name);
  check.extras = check.extras.filter(({ name }) => !off.includes(name));
  tally.switchedOff(kind.name);
  const ended = endedIds(check);
  for (let rows = await kind.rows(sides, null); rows.length > 0;) {
    signal.throwIfAborted();
    tally.add(kind.name, "here", rows.length);
    tally.add(kind.name, "with_parent", rows.filter((row) => endsWithParent(row, ended)).length);
    rows = await kind.rows(sides, rows.at(-1)!.after);
  }
}

async function readClerk(check: Check, kind: DriftKind): Promise<Set<string>> {
  const { sides, pages, tally, signal, progress } = check;
  const seen = new Set<string>();
  progress.begin(kind.name, null, 0);
  try {
    for await (const { items, total } of kind.read(sides, pages)) {
      signal.throwIfAborted();
      tally.add(kind.name, "compared", items.length);
      await examine(check, kind, items);
      for (const { key } of items) seen.add(key);
      progress.step(total, seen.size);
    }
  } finally {
    progress.end();
  }
  return seen;
}

/** A page of Clerk's that lacks a row proves nothing: Clerk is asked for that very one. */
async function readHere(check: Check, kind: DriftKind, seen: Set<string>): Promise<void> {
  const { sides, pages, tally, extras, signal, progress } = check;
  const ended = endedIds(check);
  for (let rows = await kind.rows(sides, null); rows.length > 0;) {
    signal.throwIfAborted();
    tally.add(kind.name, "here", rows.length);
    const unseen = rows.filter(({ key }) => !seen.has(key));
    const alone = unseen.filter((row) => !endsWithParent(row, ended));
    tally.add(kind.name, "with_parent", unseen.length - alone.length);
    if (alone.length > 0) {
      const count = formatCount(alone.length);
      progress.note(`${kind.name}: ${count} not in Clerk's list; asking for each of them`);
    }

    const answers = await mapLimited(alone, pages.concurrency, async (row) => {
      const { at, known } = await row.ask();
      return known ?? { name: kind.name, pair: row.pair, at, finding: row.extra(at) };
    });
    const known = answers.filter((answer): answer is Known => "element" in answer);
    tally.add(kind.name, "compared", known.length);
    await examine(check, kind, known);
    extras.push(...answers.filter((answer): answer is Extra => "finding" in answer));
    rows = await kind.rows(sides, rows.at(-1)!.after);
  }
}

function endedIds({ extras }: Check): Set<string> {
  return new Set(extras.map(({ finding }) => finding.difference.clerkId));
}

/** Its row ends with the one of its user or organization: it need not be asked for. */
function endsWithParent({ pair }: Row, ended: Set<string>): boolean {
  return pair !== null && (ended.has(pair.organizationId) || ended.has(pair.userId));
}
