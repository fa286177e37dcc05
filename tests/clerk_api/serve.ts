/**
 * Serves a generated instance in a process of its own, for measurements, until Ctrl-C or SIGTERM. One line of JSON tells
 * its url and its secret key.
 */
import { parseArgs } from "node:util";
import { generatedInstance } from "./generated_instance.ts";
import { startClerkApi } from "./server.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    users: { type: "string", default: "1000" },
    organizations: { type: "string", default: "100" },
    memberships: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    port: { type: "string", default: "0" },
    /** Requests in 10 s, the window of Clerk's own limits. */
    "rate-limit": { type: "string" },
  },
});

const rateLimit = values["rate-limit"] === undefined
  ? undefined
  : { requests: number("rate-limit", values["rate-limit"]), windowMs: 10_000 };
const server = startClerkApi({
  instance: generatedInstance({
    users: number("users", values.users),
    organizations: number("organizations", values.organizations),
    memberships: number("memberships", values.memberships),
    seed: number("seed", values.seed),
  }),
  port: number("port", values.port),
  rateLimit,
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
