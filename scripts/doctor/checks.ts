import type { Check } from "./check.ts";
import { anonymousAccess, keepingKeys, privateSchema, rowLevelSecurity } from "./checks/access.ts";
import { backfill, clerkKey, drift, examples, instance } from "./checks/clerk.ts";
import { apiKey, migrations, rpcs, rpcsAnswer, schema, version } from "./checks/database.ts";
import {
  arriving,
  changeQueue,
  ledger,
  openEvents,
  optionalTypes,
  purge,
  requiredTypes,
} from "./checks/events.ts";
import { secret, signed, unsigned, wrongSignature } from "./checks/signature.ts";
import { burst, clock, health, reachable, syncFunction, webhookUrl } from "./checks/webhook.ts";

type Row = [id: string, title: string, needs: string[], run: Check["run"]];

const ROWS: Row[] = [
  ["webhook-url", "webhook URL", [], webhookUrl],
  ["reachable", "webhook reachable", ["webhook-url"], reachable],
  ["health", "health", ["reachable"], health],
  ["unsigned-refused", "unsigned request refused", ["reachable"], unsigned],
  ["wrong-signature", "wrong signature refused", ["reachable"], wrongSignature],
  ["secret", "signing secret", [], secret],
  ["signed-accepted", "signed event accepted", ["reachable", "secret"], signed],
  ["clock", "clock", ["reachable"], clock],
  ["api-key", "project's secret key", [], apiKey],
  ["version", "version", ["api-key"], version],
  ["migrations", "migrations", ["api-key"], migrations],
  ["rpcs", "RPCs", ["api-key"], rpcs],
  ["rpcs-answer", "RPCs answer", ["api-key"], rpcsAnswer],
  ["schema", "tables and columns", ["api-key"], schema],
  ["row-level-security", "row level security", ["api-key"], rowLevelSecurity],
  ["anonymous", "anonymous access refused", [], anonymousAccess],
  ["private-schema", "clerk_sync not exposed", ["api-key"], privateSchema],
  ["ledger", "logging: ledger", ["signed-accepted", "api-key"], ledger],
  ["keeping-keys", "foreign keys of the app", ["api-key"], keepingKeys],
  // Behind all that signs: a limit that it runs into must not stand in their way.
  ["burst", "error handling, rate limit", ["unsigned-refused"], burst],
  ["arriving", "events arrive", ["api-key"], arriving],
  ["instance", "Clerk instance", ["api-key"], instance],
  ["event-types", "required event types", ["api-key"], requiredTypes],
  ["optional-types", "optional event types", ["api-key"], optionalTypes],
  ["examples", "Clerk's examples", ["schema"], examples],
  ["open-events", "failed and rejected events", ["api-key"], openEvents],
  ["backfill", "last backfill", ["api-key"], backfill],
  ["drift", "last drift check", ["api-key"], drift],
  ["change-queue", "change queue", ["api-key"], changeQueue],
  ["purge", "retention", ["api-key"], purge],
  ["sync-function", "sync-from-clerk", [], syncFunction],
  ["clerk-key", "Clerk's secret key", ["api-key"], clerkKey],
];

/** Every check, in the order in which they run: what others need comes first. */
export const CHECKS: Check[] = ROWS.map(([id, title, needs, run]) => ({ id, title, needs, run }));
