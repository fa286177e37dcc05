/** The text of --help. */
export const HELP =
  `Delivers random histories of Clerk to the webhook, signed, in random order, several times and at
once, and compares the tables of each with what the rules prescribe.

  npm run converge                                  200 histories on a stack of its own
  npm run converge -- --histories 3000 --seed 7

  --histories N      how many histories (200)
  --concurrency N    deliveries in flight at once, 1 to 64 (16)
  --seed N           the histories and orders of an earlier run
  --data-dir PATH    directory of a running local stack; else that of WEBHOOK_URL, DB_URL and
                     CLERK_WEBHOOK_SECRET, when all are set; else a stack that is started for the run
  --json             the report as one JSON object
  --help             this text

Exit code: 0 all converged, 1 a divergence, an error answer or a lost event, 2 wrong usage,
130 interrupted.
`;
