/** The text of --help. */
export const HELP =
  `Compares Clerk with the project: all users, organizations and memberships, field by field. It writes
nothing but the result, which sync_status then shows.

  npm run drift                           of the running local stack
  npm run drift -- --repair               and makes the rows here what Clerk says
  npm run drift -- --url https://<project ref>.supabase.co

What is found
  missing        in Clerk, not here
  stale          here is an older state
  different      here are other values of the same state
  wrong role     of a membership, the role alone
  extra          here, and Clerk, asked for this very one, does not have it
  deleted here   in Clerk, but deleted here, which is final: not repaired
A webhook under way is no drift: what changed in the last minute, and what is extra, is looked at
again after five seconds.

Repair
  --repair           writes page by page what Clerk has; at the end deletes what is extra, and looks
                     again at organizations whose slugs that moved. A broken-off repair is simply made
                     again
  --max-deletes N    so many rows of a kind, or N% of those that live here, end without asking (1%);
                     more are asked for on a terminal, else left. Memberships that end with their
                     user or organization count

Clerk and the project are found as by npm run backfill
  CLERK_SECRET_KEY     sk_test_… or sk_live_…; else that of supabase/functions/.env
  SUPABASE_SECRET_KEY  the project's secret key (or SUPABASE_SERVICE_ROLE_KEY)
  --url URL            the project; else SUPABASE_URL, else the local stack, with its own key
  --data-dir PATH      directory of the local stack (.stack)
  CLERK_INSTANCE_ID    when set, the instance (ins_…) that the Clerk key must be of

How
  --only KINDS         of users,organizations,memberships
  --rate N             requests to Clerk in ten seconds (900 with sk_live_…, 90 with sk_test_…)
  --concurrency N      requests under way at once, 1 to 16 (4)
  --page-size N        rows on a page, 2 to 500 (500)
  --no-record          does not keep the result

Output
  --list               every difference, not only the first ones
  --json               the result as one JSON object
  --help               this text

The ids of one kind at a time are held in memory: 270 MB at most with 200,000 rows of a kind, some 40 MB
more for each further 100,000; with --list every difference as well.

Exit code: 0 in sync, or everything was repaired; 1 drift; 2 could not tell, or wrong usage;
130 interrupted.
`;
