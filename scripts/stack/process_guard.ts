/**
 * Loaded before every Deno process of the stack: ends it when it has a new parent, for then the stack is gone.
 * Without it a stack that was killed outright would leave its processes behind.
 */
const parent = Deno.ppid;
const timer = setInterval(() => {
  if (Deno.ppid !== parent) Deno.exit(0);
}, 250);
// The program itself starts only when nothing of this is left to wait for.
Deno.unrefTimer(timer);
