/** A program like scripts/start.ts, for the project that the first argument names. */
import { runStack } from "../../scripts/stack/run_stack.ts";

const [root, ...flags] = Deno.args;
Deno.exit(await runStack(root!, flags));
