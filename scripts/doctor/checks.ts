import type { Check } from "./check.ts";
import { anonymousAccess, keepingKeys, privateSchema, rowLevelSecurity } from "./checks/access.ts";
import { backfill, clerkKey, drift, examples, instance } from "./checks/clerk.ts";
import { apiKey, migrations, rpcs, rpcsAnswer, schema } from "./checks/database.ts";
import { arriving, eventTypes, ledger, openEvents, purge } from "./checks/events.ts";
import { secret, signed, unsigned, wrongSignature } from "./checks/signature.ts";
import { burst, clock, health, reachable, syncFunction, webhookUrl } from "./checks/webhook.ts";

/** Every check, in the order in which they run: what others need comes first. */
export const CHECKS: Check[] = [
  webhookUrl,
  reachable,
  health,
  unsigned,
  wrongSignature,
  secret,
  signed,
  clock,
  apiKey,
  migrations,
  rpcs,
  rpcsAnswer,
  schema,
  rowLevelSecurity,
  anonymousAccess,
  privateSchema,
  ledger,
  keepingKeys,
  // Behind all that signs: a limit that it runs into must not stand in their way.
  burst,
  arriving,
  instance,
  eventTypes,
  examples,
  openEvents,
  backfill,
  drift,
  purge,
  syncFunction,
  clerkKey,
];
