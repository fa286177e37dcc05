/** The text of --help. */
export const HELP =
  `Deletes settled and ignored events of the ledger, and sign-ins that are over, a batch at a time.
Failed and rejected events stay, and so does what keeps a late event from bringing back what is gone.

  npm run purge                             what is older than 90 days
  npm run purge -- --older-than 30d

  --older-than DAYS  at least 1d (90d)
  --batch N          rows in one transaction, 1 to 100000 (5000)
  --pause MS         between two batches (200)
  --max-batches N    stops after so many, with exit code 1 (10000)
  --url URL          the project; else SUPABASE_URL, else the local stack
  --data-dir PATH    directory of the local stack (.stack)
  --json             the report as one JSON object
  --help             this text

The key comes from SUPABASE_SECRET_KEY or SUPABASE_SERVICE_ROLE_KEY, never from an option; that of the
local stack is found by itself. With pg_cron none of this is needed: the migrations schedule it.

Exit code: 0 nothing is left to purge, 1 something is, 2 wrong usage or the project did not do it,
130 interrupted.
`;
