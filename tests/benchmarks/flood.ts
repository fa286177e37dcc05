/**
 * `node scripts/deno.mjs run -A tests/benchmarks/flood.ts [unsigned a second] [seconds] [gateway]`: starts a stack of its
 * own and sends a flood of unsigned requests, with signed deliveries from the same address among them, to the function, or
 * to it through the stack's gateway, which is slower than the function. Ends with 1 when a signed one was not applied, or
 * anything unsigned reached the database.
 */
import postgres from "postgres";
import { startTemporaryStack } from "../../scripts/temporary_stack.ts";
import { startFunction } from "../functions/support/function_process.ts";
import { signedAmongUnsigned } from "./signed_among_unsigned.ts";

const SIGNED_PER_SECOND = 10;
const unsignedPerSecond = Math.min(Number(Deno.args[0] ?? 2_000), 10_000);
const seconds = Math.min(Number(Deno.args[1] ?? 30), 60);

await using stack = await startTemporaryStack();
const { API_URL, CLERK_WEBHOOK_SECRET, SECRET_KEY, WEBHOOK_URL } = stack.env;
await using alone = await startFunction("clerk-webhook", {
  CLERK_WEBHOOK_SECRET,
  SUPABASE_URL: API_URL,
  SUPABASE_SECRET_KEYS: JSON.stringify({ default: SECRET_KEY }),
});
const sql = postgres(stack.env.DB_URL, { max: 1, onnotice: () => {} });
const { unsigned, signed, database } = await signedAmongUnsigned({
  url: Deno.args[2] === "gateway" ? WEBHOOK_URL : alone.url,
  secret: CLERK_WEBHOOK_SECRET,
  sql,
  seconds,
  unsignedPerSecond,
  signedPerSecond: SIGNED_PER_SECOND,
});
await sql.end();

console.log(
  `unsigned  ${unsigned.sent} in ${seconds} s, ${Math.round(unsigned.perSecond)} a second`,
);
console.log(`          answered ${JSON.stringify(unsigned.statuses)}`);
console.log(`signed    ${signed.sent}, answered ${JSON.stringify(signed.said)}`);
console.log(
  `          p50 ${signed.p50Ms.toFixed(0)} ms, p95 ${signed.p95Ms.toFixed(0)} ms, ` +
    `max ${signed.maxMs.toFixed(0)} ms`,
);
console.log(`database  ${database.events} events, ${database.transactions} transactions`);
Deno.exitCode = signed.said["200 applied"] === signed.sent && database.events === signed.sent
  ? 0
  : 1;
