import type { SyncDatabase, Written } from "./database.ts";
import type { ObjectType } from "./elements.ts";
import type { Finding } from "./finding.ts";

/** Users and organizations first, so that memberships need not make stubs of them. */
const ORDER: ObjectType[] = ["user", "organization", "membership", "subscription", "invitation"];

/**
 * Makes the rows here what Clerk says, and counts what was written. Whoever is out goes first. Every single call commits on
 * its own and is safe to repeat, so that a repair that breaks off is simply made again.
 */
export async function repair(database: SyncDatabase, findings: Finding[]): Promise<Written> {
  const written: Written = { applied: 0, stale: 0 };
  const add = ({ applied, stale }: Written) => {
    written.applied += applied;
    written.stale += stale;
  };

  for (const finding of findings) {
    if (finding.kind !== "remove") continue;
    const outcome = await database.call(finding.call);
    add(outcome === "applied" ? { applied: 1, stale: 0 } : { applied: 0, stale: 1 });
  }
  for (const object of ORDER) {
    const elements = findings.flatMap((finding) =>
      finding.kind === "write" && finding.difference.object === object ? [finding.element] : []
    );
    if (elements.length > 0) add(await database.write(object, elements));
  }
  return written;
}
