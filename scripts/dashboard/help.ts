/** The text of --help. */
export const HELP = `Shows how the sync is doing on one page, live, in a browser on this machine.

  npm run dashboard                  of the running local stack
  SUPABASE_URL=https://<project ref>.supabase.co npm run dashboard

  --port N             where to serve it on 127.0.0.1; 0: any free port (54323)
  --data-dir PATH      directory of the local stack (.stack)
  --help               this text

Environment
  SUPABASE_URL         a hosted project, with
  SUPABASE_SECRET_KEY  its secret key, or SUPABASE_SERVICE_ROLE_KEY. The key stays in this process:
                       no page, answer or URL holds it.
  SILENT_AFTER_HOURS   so many hours without any event are a warning

The page answers on this machine only, to whoever uses it. Exit code: 0 stopped by Ctrl-C,
1 the port is taken, 2 wrong usage.
`;
