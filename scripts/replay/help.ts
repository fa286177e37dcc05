/** The text of --help. */
export const HELP = `Delivers bodies that one has to the webhook again, signed, the way Clerk does.

  npm run replay -- --file body.json --id msg_…      closes this event in the ledger
  npm run replay -- --file bodies.ndjson
  pbpaste | npm run replay -- --file -

  --file PATH        a whole body as Clerk sent it, a JSON array of them, or one a line (at most
                     10000, 64 MB); - reads standard input
  --id ID            the original svix-id, for one body; npm run events names it. Without it the id is
                     made from the body: the ledger gets a row of its own, once, and an open one stays
  --url URL          the webhook; else WEBHOOK_URL, else the local stack
  --data-dir PATH    directory of the local stack (.stack)
  --json             one JSON object a line: each delivery
  --help             this text

The secret comes from CLERK_WEBHOOK_SECRET, never from an option; that of the local stack is found by
itself. What is older than what is stored is answered stale: replaying is harmless.

Exit code: 0 every answer was 2xx, 1 one was not, 2 wrong usage, 130 interrupted.
`;
