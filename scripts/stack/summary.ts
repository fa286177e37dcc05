import type { StackEnv } from "./env_file.ts";

/** What the user needs to use the stack, and what to do next. */
export function summary(env: StackEnv, statusPageUrl: string | null): string {
  const statusPage = statusPageUrl === null ? "" : `\n  Status page      ${statusPageUrl}`;
  return `
  API URL          ${env.API_URL}
  Database URL     ${env.DB_URL}
  Webhook URL      ${env.WEBHOOK_URL}${statusPage}
  Publishable key  ${env.PUBLISHABLE_KEY}
  Secret key       ${env.SECRET_KEY}
  Webhook secret   ${env.CLERK_WEBHOOK_SECRET}

  Next, in another terminal: npm run simulate
`;
}
