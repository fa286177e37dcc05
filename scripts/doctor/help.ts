/** The text of --help. */
export const HELP =
  `Examines the webhook, the project and how the sync is doing: the production checklist, each line ok,
a warning or a failure with its remedy.

  npm run doctor                            the local stack
  npm run doctor -- --url https://<project ref>.supabase.co

  --url URL          the project; else SUPABASE_URL, else the local stack
  --webhook-url URL  else WEBHOOK_URL, else /functions/v1/clerk-webhook of the project
  --data-dir PATH    directory of the local stack (.stack)
  --timeout N        seconds that one request may take, 1 to 60 (10)
  --json             one JSON object
  --help             this text

Secrets come from the environment, never from an option, and are never shown:
  SUPABASE_SECRET_KEY       or SUPABASE_SERVICE_ROLE_KEY
  SUPABASE_PUBLISHABLE_KEY  or SUPABASE_ANON_KEY: to see that it opens nothing
  CLERK_WEBHOOK_SECRET      or CLERK_WEBHOOK_SIGNING_SECRET
  CLERK_SECRET_KEY          when set, whether it is of the instance that the project follows

It writes one row to the ledger, an event of the type doctor.ping, the same one each time.

Exit code: 0 no failure (warnings may be), 1 a failure, 2 wrong usage, 130 interrupted.
`;
