/** A program like `npm start`, for the project that the first argument names. */
import { runStack } from "../../scripts/stack/run_stack.ts";
import { onStopRequest } from "../../scripts/stack/stop_request.ts";
import start from "../../scripts/start.ts";

const [root, ...options] = Deno.args;
const interruption = new AbortController();
onStopRequest(() => interruption.abort());
Deno.exit(await runStack(root!, start.parse(options), interruption.signal));
