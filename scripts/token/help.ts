/** The text of --help. */
export const HELP =
  `Prints a session token like Clerk's, signed by the running local stack: it stands in for Clerk, so that
an app or curl can be tried without an account. No other project accepts it, hosted ones least of all.

  npm run token -- --user user_123
  npm run token -- --user user_123 --organization org_1 --role org:admin
  TOKEN=$(npm run -s token -- --user user_123)

What it says
  --user ID            the Clerk id of who is signed in, user_…
  --organization ID    the active organization, org_…; without it none is
  --role KEY           the role there, as org:admin (org:member)
  --v1                 in Clerk's old form: org_id, org_role
  --pending            a session with a task left, which counts as signed out
  --expires-in N       seconds until it is over (3600; Clerk's live for 60)

  --data-dir PATH      directory of the local stack (.stack)
  --help               this text

It makes nobody a member, nor a user: what may be read goes by the rows that the webhook wrote.
Exit code: 0 printed, 2 wrong usage, or no stack runs.
`;
