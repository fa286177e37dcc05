import { SAMPLE_TYPES, STORY_TYPES } from "./samples.ts";

const typeLines = SAMPLE_TYPES.map((type) =>
  `  ${type}${STORY_TYPES.includes(type) ? "" : "  (only with --type)"}`
).join("\n");

/** The text of --help. */
export const HELP = `Sends Svix-signed Clerk events to the webhook, the way Clerk does.

  npm run simulate                                    the ten sample events, one story
  npm run simulate -- --type user.created,user.updated
  npm run simulate -- --type organization.created \\
    --data '{"id":"org_1","name":"My Organization","created_by":"user_1"}'
  npm run simulate -- --repeat 100 --duplicates 2 --shuffle --concurrency 20

What to send
  --type TYPE        sample to send, in the order given; repeat it or separate with commas
  --data JSON        the event's data; needs one --type, which may be any
  --file PATH        a whole body, sent byte for byte; - reads standard input
  --repeat N         the selection N times; samples get new ids, names and times each time
  --duplicates N     each event N more times: same svix-id and body, signed anew
  --shuffle          all deliveries in random order
  --seed TEXT        the ids, names and order of an earlier run; sent to the same database,
                     its events are answered duplicate
  --concurrency N    deliveries in flight at once, 1 to 200 (1)

Where to
  --url URL          else WEBHOOK_URL, else the local stack; a deployed function is
                     https://<project ref>.supabase.co/functions/v1/clerk-webhook
  --secret SECRET    else CLERK_WEBHOOK_SECRET, else the local stack. An option can be read in
                     the list of processes: for a deployed function, set the variable.
  --data-dir PATH    directory of the local stack (.stack)
  CLERK_INSTANCE_ID  when set, the instance_id of the events

Output
  --json             one JSON object a line: each delivery, then the summary
  --help             this text

Exit code: 0 every answer was 2xx, 1 one was not, 2 wrong usage, 130 interrupted.
A delivery fails like at Svix: no answer within 15 s, or any other status, redirects too.

Samples
${typeLines}
`;
