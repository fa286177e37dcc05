/** The text of --help. */
export const HELP =
  `Lists events of the ledger: those that failed or were rejected and that no later delivery settled,
and what to do about each. Closes one that will never succeed.

  npm run events                            what is open
  npm run events -- --all --clerk-id user_123
  npm run events -- --close msg_123         wait for it no longer

  --outcome LIST     applied, stale, ignored, rejected, failed, closed (failed,rejected)
  --all              every outcome
  --type TYPE        events of this type
  --clerk-id ID      about user_…, org_…, orgmem_… or sess_…; of a user or organization also its
                     memberships and sessions
  --limit N          the newest so many, up to 500 (50)
  --close SVIX-ID    close a failed or rejected event instead, and again for more: it counts as open
                     no more, and keeps its error; a later delivery may still apply it
  --url URL          the project; else SUPABASE_URL, else the local stack
  --data-dir PATH    directory of the local stack (.stack)
  --json             one JSON object
  --help             this text

The key comes from SUPABASE_SECRET_KEY or SUPABASE_SERVICE_ROLE_KEY, never from an option; that of the
local stack is found by itself.

Exit code: 0 none of what is listed is open, or all are closed; 1 some is, or one to be closed was not
open; 2 wrong usage or the project did not answer.
`;
