import { freshId, storyEvent } from "../../../scripts/simulate/story.ts";
import type { SampleType } from "../../../scripts/simulate/samples.ts";
import type { Stack } from "../../../scripts/stack/stack.ts";
import { by, cpuTimeMs, findStackProcesses } from "../measuring.ts";
import type { Load, LoadProcess, UnsignedEvent } from "./load.ts";
import type { Network } from "./network.ts";

/** What happens to each object of a family, in this order. Each family needs the rows of those before it. */
export const FAMILIES = {
  users: ["user.created", "user.updated"],
  organizations: ["organization.created", "organization.updated"],
  memberships: ["organizationMembership.created", "organizationMembership.updated"],
  sessions: ["session.created", "session.ended"],
} satisfies Record<string, SampleType[]>;

export type Family = keyof typeof FAMILIES;

export const FAMILY_NAMES = Object.keys(FAMILIES) as Family[];

/** Several stories at once: all that is told of them has the seed in common. */
interface Stories {
  seed: string;
  count: number;
  endsAt: number;
}

/** One event of each story. The member is the user of one story, the organization that of the next. */
function tell(type: SampleType, { seed, count, endsAt }: Stories): UnsignedEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const event = storyEvent(type, { seed, index, endsAt });
    if (type.startsWith("organizationMembership.")) {
      const next = storyEvent(type, { seed, index: (index + 1) % count, endsAt });
      event.data.organization = next.data.organization;
    }
    return { id: freshId("msg", `${seed}/${index}/${type}`), body: JSON.stringify(event) };
  });
}

/** The functions that are measured, by the names that they are served by. */
export const FUNCTIONS = {
  /** The project's webhook. */
  ours: "clerk-webhook",
  /** One call of an RPC that does nothing. */
  floor: "floor",
  /** Looks for the row, then inserts or updates it. */
  tutorial: "tutorial",
  /** `upsert … on conflict`. */
  upsert: "upsert",
};

export type Handler = keyof typeof FUNCTIONS;

export const HANDLERS = Object.keys(FUNCTIONS) as Handler[];

/** Under which conditions something is measured. */
export interface Condition {
  /** What a round trip from a function to the Data API takes longer than on one machine, in milliseconds. */
  networkMs: number;
  /** So many deliveries are in flight. */
  concurrency: number;
  /** So many stories are told in a round, each with one event of each type. */
  stories: number;
}

/** How much is sent. */
export interface Size {
  rounds: number;
  conditions: Condition[];
}

/** What measuring works with. */
export interface Ground {
  stack: Stack;
  load: LoadProcess;
  network: Network;
  seed: string;
  note: (line: string) => void;
  signal: AbortSignal;
}

/** One handler's turn: events of one type. */
interface Turn extends Omit<Condition, "stories"> {
  round: number;
  handler: Handler;
  family: Family;
  type: SampleType;
  events: UnsignedEvent[];
}

/** What came of a turn. */
export interface Sample extends Omit<Turn, "events">, Load {
  /** So many times it was asked of the Data API, and answered. */
  roundTrips: number;
  /** Milliseconds on a CPU, by what the processes are. */
  cpuMs: Record<string, number>;
}

/**
 * Delivers the same events to each handler, type after type, and to all of them before the next type, so that whatever
 * else happens on the machine happens to all. Nobody is always the first.
 */
export async function measureRounds(size: Size, ground: Ground): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const turn of turns(size, ground)) {
    ground.signal.throwIfAborted();
    samples.push(await take(turn, ground));
  }
  return samples;
}

function* turns({ rounds, conditions }: Size, { seed, note }: Ground) {
  for (let round = 1; round <= rounds; round++) {
    for (const { networkMs, concurrency, stories: count } of conditions) {
      note(`round ${round} of ${rounds}, ${concurrency} at once, ${networkMs} ms of network …`);
      const id = `${seed}/${round}/${networkMs}/${concurrency}`;
      const stories = { seed: id, count, endsAt: Date.now() };
      for (const family of FAMILY_NAMES) {
        for (const type of FAMILIES[family]) {
          const events = tell(type, stories);
          for (const handler of rotated(HANDLERS, round)) {
            yield { round, networkMs, concurrency, handler, family, type, events } satisfies Turn;
          }
        }
      }
    }
  }
}

async function take({ events, ...turn }: Turn, ground: Ground): Promise<Sample> {
  const { stack: { env }, load, network } = ground;
  network.roundTripMs = turn.networkMs;
  network.roundTrips = 0;
  const before = await cpuTimes(load);
  const carriedOut = await load.carryOut({
    concurrency: turn.concurrency,
    url: `${env.API_URL}/functions/v1/${FUNCTIONS[turn.handler]}`,
    secret: env.CLERK_WEBHOOK_SECRET,
    events,
  });
  const after = await cpuTimes(load);
  const cpuMs = by(Object.keys(after), (name) => after[name]! - before[name]!);
  return { ...turn, ...carriedOut, roundTrips: network.roundTrips, cpuMs };
}

function rotated<Item>(items: Item[], by: number): Item[] {
  const from = by % items.length;
  return [...items.slice(from), ...items.slice(0, from)];
}

/**
 * How long processes have been on a CPU, in milliseconds, by what they are: those of the stack, its functions as one (only one
 * of them is called at a time), and the load generator.
 */
async function cpuTimes(load: LoadProcess): Promise<Record<string, number>> {
  const { functions, dataApi, postgres } = await findStackProcesses();
  const pids: Record<string, number[]> = {
    "load generator": [load.pid],
    "gateway and network": [Deno.pid],
    function: Object.values(functions),
    "Data API": [dataApi],
    PostgreSQL: postgres,
  };
  return by(Object.keys(pids), (name) => cpuTimeMs(pids[name]!));
}
