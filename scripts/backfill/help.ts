/** The text of --help. */
export const HELP =
  `Reads all users, organizations and memberships of Clerk into the project. Safe to repeat, and while
webhooks arrive: what is newer here stays.

  npm run backfill                        into the running local stack
  npm run backfill -- --dry-run           what it would write
  npm run backfill -- --url https://<project ref>.supabase.co

What to read, and where to
  CLERK_SECRET_KEY     sk_test_… or sk_live_…; else that of supabase/functions/.env
  SUPABASE_SECRET_KEY  the project's secret key (or SUPABASE_SERVICE_ROLE_KEY)
  --url URL            the project; else SUPABASE_URL, else the local stack, with its own key
  --data-dir PATH      directory of the local stack (.stack)
  CLERK_INSTANCE_ID    when set, the instance (ins_…) that the Clerk key must be of
  --switch-instance    the project is to follow this key's instance, though it held another's

How
  --dry-run            reads and compares everything, writes nothing
  --restart            from the beginning; else an unfinished run of the last 24 hours is gone on with
  --rate N             requests to Clerk in ten seconds (900 with sk_live_…, 90 with sk_test_…)
  --concurrency N      pages under way at once, 1 to 16 (4)
  --page-size N        rows on a page, 2 to 500 (500)

Output
  --json               the summary as one JSON object
  --help               this text

Ctrl-C ends it after the page that is being written; a second one at once. Either way, and after a
crash, the next start goes on where it was.

Exit code: 0 everything is in the project, 1 it failed or the database refuses something,
2 wrong usage or another instance's key, 130 interrupted.
`;
