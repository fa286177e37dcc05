import { UsageError } from "../command/usage_error.ts";

/** How the name of the migration ends that takes the sync out. */
export const MIGRATION_OF_REMOVAL = "_remove_clerk_sync.sql";

/**
 * Names for migrations that come after the newest one that is there, in the order in which they are given: the CLI applies
 * nothing that sorts before what it has applied. Their own where those do, else the next seconds.
 */
export function namesAfter(newest: string | undefined, files: string[]): string[] {
  const [last = ""] = newest?.split("_") ?? [];
  if (files.every((file) => file.split("_")[0]! > last)) return files;
  const time = timeOf(last);
  return files.map((file, index) => {
    const version = time === null
      ? String(BigInt(last) + BigInt(index + 1)).padStart(last.length, "0")
      : versionOf(time + (index + 1) * 1000);
    if (version.length > last.length) {
      throw new UsageError(
        `No migration can come after ${newest}: give it the time it was made at.`,
      );
    }
    return file.replace(/^\d+/, version);
  });
}

/** Milliseconds of a version as 20261124000050; null where it is none. One whose minutes are 90 is an hour and a half. */
function timeOf(version: string): number | null {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(version) ?? [];
  const [year = 0, month = 0, day, hour, minute, second] = parts.map(Number);
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  return versionOf(time) >= version && year < 9000 ? time : null;
}

function versionOf(time: number): string {
  return Number.isNaN(time) ? "" : new Date(time).toISOString().replaceAll(/\D/g, "").slice(0, 14);
}
