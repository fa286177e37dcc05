import type { Check } from "./check.ts";
import { anonymousAccess } from "./checks/anonymous.ts";
import { apiKey } from "./checks/api_key.ts";
import { arriving } from "./checks/arriving.ts";
import { backfill } from "./checks/backfill.ts";
import { burst } from "./checks/burst.ts";
import { clerkKey } from "./checks/clerk_key.ts";
import { clock } from "./checks/clock.ts";
import { drift } from "./checks/drift.ts";
import { examples } from "./checks/examples.ts";
import { eventTypes } from "./checks/event_types.ts";
import { health } from "./checks/health.ts";
import { instance } from "./checks/instance.ts";
import { keepingKeys } from "./checks/keeping_keys.ts";
import { ledger } from "./checks/ledger.ts";
import { migrations } from "./checks/migrations.ts";
import { openEvents } from "./checks/open_events.ts";
import { privateSchema } from "./checks/private_schema.ts";
import { purge } from "./checks/purge.ts";
import { reachable } from "./checks/reachable.ts";
import { rowLevelSecurity } from "./checks/row_level_security.ts";
import { rpcs } from "./checks/rpcs.ts";
import { rpcsAnswer } from "./checks/rpcs_answer.ts";
import { schema } from "./checks/schema.ts";
import { secret } from "./checks/secret.ts";
import { signed } from "./checks/signed.ts";
import { syncFunction } from "./checks/sync_function.ts";
import { unsigned } from "./checks/unsigned.ts";
import { webhookUrl } from "./checks/webhook_url.ts";
import { wrongSignature } from "./checks/wrong_signature.ts";

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
