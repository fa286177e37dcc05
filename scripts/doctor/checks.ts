import type { Check } from "./check.ts";
import { anonymousAccess, keepingKeys, privateSchema, rowLevelSecurity } from "./checks/access.ts";
import { backfill, clerkKey, drift, examples, instance } from "./checks/clerk.ts";
import { apiKey, migrations, rpcs, rpcsAnswer, schema, version } from "./checks/database.ts";
import { arriving, eventTypes, ledger, openEvents, purge } from "./checks/events.ts";
import { secret, signed, unsigned, wrongSignature } from "./checks/signature.ts";
import { burst, clock, health, reachable, syncFunction, webhookUrl } from "./checks/webhook.ts";

/** Every check, in the order in which they run: what others need comes first. */
export const CHECKS: Check[] = [
  { id: "webhook-url", title: "webhook URL", needs: [], run: webhookUrl },
  { id: "reachable", title: "webhook reachable", needs: ["webhook-url"], run: reachable },
  { id: "health", title: "health", needs: ["reachable"], run: health },
  {
    id: "unsigned-refused",
    title: "unsigned request refused",
    needs: ["reachable"],
    run: unsigned,
  },
  {
    id: "wrong-signature",
    title: "wrong signature refused",
    needs: ["reachable"],
    run: wrongSignature,
  },
  { id: "secret", title: "signing secret", needs: [], run: secret },
  {
    id: "signed-accepted",
    title: "signed event accepted",
    needs: ["reachable", "secret"],
    run: signed,
  },
  { id: "clock", title: "clock", needs: ["reachable"], run: clock },
  { id: "api-key", title: "project's secret key", needs: [], run: apiKey },
  { id: "version", title: "version", needs: ["api-key"], run: version },
  { id: "migrations", title: "migrations", needs: ["api-key"], run: migrations },
  { id: "rpcs", title: "RPCs", needs: ["api-key"], run: rpcs },
  { id: "rpcs-answer", title: "RPCs answer", needs: ["api-key"], run: rpcsAnswer },
  { id: "schema", title: "tables and columns", needs: ["api-key"], run: schema },
  {
    id: "row-level-security",
    title: "row level security",
    needs: ["api-key"],
    run: rowLevelSecurity,
  },
  { id: "anonymous", title: "anonymous access refused", needs: [], run: anonymousAccess },
  { id: "private-schema", title: "clerk_sync not exposed", needs: ["api-key"], run: privateSchema },
  { id: "ledger", title: "logging: ledger", needs: ["signed-accepted", "api-key"], run: ledger },
  { id: "keeping-keys", title: "foreign keys of the app", needs: ["api-key"], run: keepingKeys },
  // Behind all that signs: a limit that it runs into must not stand in their way.
  { id: "burst", title: "error handling, rate limit", needs: ["unsigned-refused"], run: burst },
  { id: "arriving", title: "events arrive", needs: ["api-key"], run: arriving },
  { id: "instance", title: "Clerk instance", needs: ["api-key"], run: instance },
  { id: "event-types", title: "required event types", needs: ["api-key"], run: eventTypes },
  { id: "examples", title: "Clerk's examples", needs: ["schema"], run: examples },
  { id: "open-events", title: "failed and rejected events", needs: ["api-key"], run: openEvents },
  { id: "backfill", title: "last backfill", needs: ["api-key"], run: backfill },
  { id: "drift", title: "last drift check", needs: ["api-key"], run: drift },
  { id: "purge", title: "retention", needs: ["api-key"], run: purge },
  { id: "sync-function", title: "sync-from-clerk", needs: [], run: syncFunction },
  { id: "clerk-key", title: "Clerk's secret key", needs: ["api-key"], run: clerkKey },
];
