/**
 * Runs a program that calls `Deno.serve` at an address of loopback: `serve_at.ts <port> <file:// URL>`. This Deno of the Edge
 * Runtime reads no DENO_SERVE_ADDRESS. Ends with its parent.
 */
import "../../scripts/stack/process_guard.ts";

const [port, program] = Deno.args;
const { serve } = Deno;
const serveHere = (handler: Deno.ServeHandler) =>
  serve({ hostname: "127.0.0.1", port: Number(port), onListen() {} }, handler);
Object.assign(Deno, { serve: serveHere });
await import(program!);
