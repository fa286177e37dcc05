import { withTimeout } from "../async.ts";
import { APPLY_TIMEOUT_MS } from "./apply.ts";
import {
  type CallRpc,
  classify,
  hasCause,
  type RpcCall,
  type RpcFailure,
  type RpcName,
  type RpcResult,
  UNEXPECTED_ANSWER,
} from "./rpc.ts";

/** As many calls as `sync_apply_events` takes. Their bodies are bounded together by whoever lets deliveries in. */
export const PAGE_LIMIT = 50;

/** A call that takes longer waits for something of its own: the others don't wait for it any more. */
export const SLOW_MS = 250;

const TIMED_OUT: RpcFailure = { kind: "failed", code: "timeout" };

/** What `sync_apply_events` calls: the RPCs of events. */
const RPCS_OF_EVENTS: ReadonlySet<RpcName> = new Set<RpcName>([
  "upsert_user",
  "delete_user",
  "upsert_org_with_owner",
  "delete_org",
  "set_membership",
  "remove_membership",
  "record_session",
  "record_snapshots",
  "record_event",
]);

/** A call that waits, and whoever waits for its result. */
interface Waiting {
  call: RpcCall;
  signal: AbortSignal;
  settle: (result: RpcResult) => void;
}

/**
 * Calls RPCs as `callRpc` does, and those of events together where they would wait anyway: while one is under way, the
 * others wait, and all that wait then go as one page, in one transaction. A call that meets no other goes at once and by
 * itself. How a call ends does not depend on how it went: it is done after its commit, and one that is refused is refused
 * alone. `onCall` is told how many deliveries went with each request.
 */
export function callTogether(callRpc: CallRpc, onCall: (deliveries: number) => void): CallRpc {
  let waiting: Waiting[] = [];
  let isBusy = false;

  return (call, signal) => {
    if (!RPCS_OF_EVENTS.has(call.name)) return callRpc(call, signal);
    if (!isBusy) return occupy(() => alone(call, signal));
    if (signal.aborted) return Promise.resolve(TIMED_OUT);
    return new Promise((settle) => {
      const one = { call, signal, settle };
      waiting.push(one);
      signal.addEventListener("abort", () => {
        waiting = waiting.filter((other) => other !== one);
        settle(TIMED_OUT);
      });
    });
  };

  /** Makes the others wait for what is done, but not for long. */
  async function occupy<Result>(work: () => Promise<Result>): Promise<Result> {
    isBusy = true;
    let isOver = false;
    const end = () => {
      if (!isOver) isBusy = false;
      isOver = true;
      if (!isBusy) sendWaiting();
    };
    const timer = setTimeout(end, SLOW_MS);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      end();
    }
  }

  function sendWaiting(): void {
    const page = waiting.splice(0, PAGE_LIMIT);
    if (page.length === 0) return;
    const [only, ...others] = page;
    occupy(() => others.length === 0 ? settleAlone(only!) : sendPage(page));
  }

  function alone(call: RpcCall, signal: AbortSignal): Promise<RpcResult> {
    onCall(1);
    return callRpc(call, signal);
  }

  async function settleAlone({ call, signal, settle }: Waiting): Promise<void> {
    settle(await alone(call, signal));
  }

  async function sendPage(page: Waiting[]): Promise<void> {
    onCall(page.length);
    const calls = page.map(({ call }) => ({ rpc: call.name, arguments: call.args }));
    const result = await withTimeout(
      APPLY_TIMEOUT_MS,
      (signal) => callRpc({ name: "sync_apply_events", args: { p_calls: calls } }, signal),
    );
    const results = resultsOf(result, page.length);
    const notBegun = page.filter((_, index) => results[index] === "not begun");
    waiting.unshift(...notBegun.filter(({ signal }) => !signal.aborted));
    for (const [index, one] of page.entries()) {
      const result = results[index]!;
      if (result === "undone") settleAlone(one);
      else if (result !== "not begun") one.settle(result);
    }
  }
}

/** How a call of a page ended. `undone`: something was in its way, or in the page's, and would not be if it went alone. */
type ResultInPage = RpcResult | "undone" | "not begun";

function resultsOf(result: RpcResult, size: number): ResultInPage[] {
  if (result.kind !== "done") {
    return Array<ResultInPage>(size).fill(isUndone(result) ? "undone" : result);
  }
  const { answer } = result;
  if (!Array.isArray(answer) || answer.length !== size) {
    return Array<ResultInPage>(size).fill(UNEXPECTED_ANSWER);
  }
  return answer.map(resultInPage);
}

/**
 * Whether the database said that it left nothing of a page behind. Without such a word, which no gateway's is, nobody knows
 * whether the page took effect: it is not sent again.
 */
function isUndone(result: RpcFailure): boolean {
  if (result.kind !== "failed" || result.code === NO_SUCH_RPC) return true;
  return hasCause(result) && result.code !== UNEXPECTED_ANSWER.code;
}

/** The database is older than the function: https://docs.postgrest.org/en/v12/references/errors.html */
const NO_SUCH_RPC = "PGRST202";

function resultInPage(answer: { outcome?: unknown; error_code?: unknown } | null): ResultInPage {
  if (answer === null) return "not begun";
  const { outcome, error_code: code } = answer;
  if (outcome !== undefined) return { kind: "done", answer: outcome };
  const failure = typeof code === "string" ? classify(code) : UNEXPECTED_ANSWER;
  return failure.kind === "conflict" ? "undone" : failure;
}
