/**
 * Serves a generated instance in a process of its own, for measurements, until Ctrl-C or SIGTERM. One line of JSON tells
 * its url and its secret key.
 */
import { parseArgs } from "node:util";
import { generatedInstance } from "./generated_instance.ts";
import { startClerkApi } from "./server.ts";

/** Whole numbers. The rate limit is of requests in 10 s, the window of Clerk's own limits. */
const DEFAULTS = {
  users: 1000,
  organizations: 100,
  memberships: 2000,
  subscriptions: 0,
  invitations: 0,
  seed: 1,
  port: 0,
};

const { values } = parseArgs({
  args: Deno.args,
  options: Object.fromEntries(
    [...Object.keys(DEFAULTS), "rate-limit"].map((name) => [name, { type: "string" as const }]),
  ),
});
const given = Object.entries(values).map(([name, text]) => [name, number(name, String(text))]);
const options = { ...DEFAULTS, ...Object.fromEntries(given) };
const requests: number | undefined = options["rate-limit"];
const server = startClerkApi({
  instance: generatedInstance(options),
  port: options.port,
  rateLimit: requests === undefined ? undefined : { requests, windowMs: 10_000 },
});
const { url, secretKey, instanceId } = server;
console.log(JSON.stringify({ url, secretKey, instanceId }));
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.addSignalListener(signal, async () => {
    await server[Symbol.asyncDispose]();
    Deno.exit(0);
  });
}

function number(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  console.error(`--${name} takes a whole number, not ${text}`);
  Deno.exit(2);
}
