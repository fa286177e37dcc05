#!/usr/bin/env node
/** `npx clerk-sync <command>`: what `npm run <command>` runs. */
import { join } from "node:path";
import process from "node:process";

process.argv.splice(2, 0, "run", "-A", join(import.meta.dirname, "cli.ts"));
await import("./deno.mjs");
