import type { ClerkApi } from "../_clerk_sync/clerk/api.ts";
import type { SyncDatabase } from "../_clerk_sync/sync/database.ts";

/** The Clerk instance is not the one that this project is synced with; in words that hold no id. */
export class OtherInstanceError extends Error {
  override name = "OtherInstanceError";
}

/** Keeps two instances, as development and production, from being mixed in one database. */
export interface InstanceGuard {
  /** Rejects with an OtherInstanceError when the secret key's instance is not the project's. */
  check(database: SyncDatabase): Promise<void>;
  /** As `check`, and binds a project that has no instance yet. */
  bind(database: SyncDatabase): Promise<void>;
}

/** Whose key it is does not change: Clerk is asked once. `wanted`: what the configuration says, if anything. */
export function createInstanceGuard(clerk: ClerkApi, wanted: string | null): InstanceGuard {
  let asked: Promise<string> | null = null;

  const instanceId = async () => {
    asked ??= clerk.instanceId();
    try {
      return await asked;
    } catch (error) {
      asked = null;
      throw error;
    }
  };

  return {
    async check(database) {
      const id = await instanceId();
      if (wanted && wanted !== id) {
        throw new OtherInstanceError("CLERK_SECRET_KEY is not of CLERK_INSTANCE_ID");
      }
      const bound = await database.boundInstance();
      if (bound && bound !== id) throw otherThanBound();
    },
    async bind(database) {
      if (await database.bindInstance(await instanceId()) === "other") throw otherThanBound();
    },
  };
}

function otherThanBound(): OtherInstanceError {
  return new OtherInstanceError("CLERK_SECRET_KEY is of another instance than this project's data");
}
