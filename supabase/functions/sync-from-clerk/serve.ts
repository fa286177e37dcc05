import { type Answer, refused, tooManyRequests } from "../_clerk_sync/http/answer.ts";
import type { Log, LogFields } from "../_clerk_sync/log.ts";
import { askedInBody, askedInQuery, type AskedResult } from "./asked.ts";
import { type Caller, nameOf } from "./caller.ts";
import type { Sides } from "./compare_rows.ts";
import { answerToFailure } from "./failure.ts";
import type { InstanceGuard } from "./instance.ts";
import { claim, isConfirmed, type Scope } from "./permit.ts";
import { CLERK_REQUEST_LIMIT, withBudget } from "./read.ts";
import { check, sync } from "./sync.ts";

/** What a request is answered by. */
export interface Service {
  sides: Sides;
  instance: InstanceGuard;
  run: Run<Answer>;
  log: Log;
}

/** A GET asks whether the copy here is in sync, a POST makes it so. */
export type SyncRequest =
  | { kind: "check"; query: URLSearchParams }
  | { kind: "sync"; body: string };

/** Answers one request of a known caller: what is asked, may they, then Clerk and the database. */
export async function serve(
  caller: Caller,
  request: SyncRequest,
  service: Service,
): Promise<Answer> {
  let log: LogFields = { caller: nameOf(caller) };
  try {
    const parsed = askedIn(request);
    if (!parsed.ok) return refused(400, parsed.word, { ...log, reason: parsed.reason });
    const { userId, organizationId } = parsed.asked;
    log = { ...log, clerk_user_id: userId, clerk_organization_id: organizationId };
    service.log("debug", "identified", log);

    const claimed = claim(caller, parsed.asked);
    if (claimed.kind === "nothing_asked") {
      return refused(400, "invalid_request", { ...log, reason: "no id" });
    }
    if (claimed.kind === "forbidden") return refused(403, "forbidden", log);
    await service.instance.check(service.sides.database);
    const clerk = withBudget(service.sides.clerk, CLERK_REQUEST_LIMIT);
    if (claimed.kind === "admin" && !await isConfirmed(claimed, clerk)) {
      return refused(403, "forbidden", { ...log, reason: "not so in Clerk" });
    }
    const { scope } = claimed;
    const sides = { ...service.sides, clerk };
    // A scope's fields are always in one order.
    const answer = await service.run(
      `${request.kind} ${JSON.stringify(scope)}`,
      () => answerFor(request, scope, { ...service, sides }),
    );
    return answer ? withLog(answer, log) : tooManyRequests(5, log);
  } catch (error) {
    return withLog(answerToFailure(error), log);
  }
}

async function answerFor(
  { kind }: SyncRequest,
  scope: Scope,
  { sides, instance }: Service,
): Promise<Answer> {
  if (kind === "check") {
    const differences = await check(sides, scope);
    const inSync = differences.length === 0;
    return {
      status: 200,
      body: { inSync, differences },
      log: { in_sync: inSync, differences: differences.length },
    };
  }
  const { outcome, differences } = await sync(sides, scope, instance);
  return {
    status: 200,
    body: { outcome, differences },
    log: { outcome, differences: differences.length },
  };
}

function askedIn(request: SyncRequest): AskedResult {
  return request.kind === "check" ? askedInQuery(request.query) : askedInBody(request.body);
}

function withLog(answer: Answer, log: LogFields): Answer {
  return { ...answer, log: { ...answer.log, ...log } };
}

/** Begins `run`, or joins the run of the same key that is under way; null when too many others are. */
export type Run<Answer> = (key: string, run: () => Promise<Answer>) => Promise<Answer> | null;

/** One run of each key at a time, and `limit` in all: who joins one costs nothing more, and has its answer. */
export function createRuns<Answer>(limit: number): Run<Answer> {
  const underWay = new Map<string, Promise<Answer>>();

  return (key, run) => {
    const running = underWay.get(key);
    if (running) return running;
    if (underWay.size >= limit) return null;
    const started = run().finally(() => underWay.delete(key));
    underWay.set(key, started);
    return started;
  };
}
