import { by, median, percentile, sum } from "../measuring.ts";
import type { Measures, PartResult, Target } from "../part.ts";
import { type Family, FAMILY_NAMES, type Handler, HANDLERS, type Sample } from "./rounds.ts";

/** Of the floor's events a second, by how many are in flight: alone they pay for what they do, together they travel in pages. */
const TIMES_FLOOR: Record<number, number> = { 1: 0.65, 8: 1, 32: 1.5 };

/** What a single delivery may take, as the floor's time so many times: what it took before there were pages. */
const ALONE_TO_FLOOR = 1.65;

/**
 * Events a second for families whose events concern several tables, as a reference's so many times. One at a time the
 * network decides: the upserts wait for it once or twice, so that whoever waits once can't be twice as fast.
 */
const TIMES_REFERENCES: Beside[] = [
  { networkMs: 0, concurrency: 32, reference: "tutorial", atLeast: 4 },
  { networkMs: 0, concurrency: 32, reference: "upsert", atLeast: 2.5 },
  { networkMs: 5, concurrency: 1, reference: "tutorial", atLeast: 2 },
  { networkMs: 5, concurrency: 1, reference: "upsert" },
];

interface Beside {
  networkMs: number;
  concurrency: number;
  reference: Handler;
  /** Without it the floor is told beside it: what nobody can be faster than. */
  atLeast?: number;
}

/** Of an event, where many travel together. */
const ROUND_TRIPS = { concurrency: 32, most: 0.2 };

/** What the samples come to. Rates are medians over the rounds, and so are ratios: of two rates of one round. */
export function figuresOf(samples: Sample[]): Omit<PartResult, "settings"> {
  const local = samples.filter(({ networkMs }) => networkMs === 0);
  const remote = samples.filter(({ networkMs }) => networkMs > 0);
  const busiest = Math.max(...local.map(({ concurrency }) => concurrency));
  return {
    measures: [
      ...alongConcurrency(local),
      { unit: "events/s", groups: overNetwork(remote) },
      { unit: "round trips/event", groups: groupsOf(samples, roundTripsOf) },
      cpuTimes(at(local, 0, busiest), busiest),
    ],
    targets: [...besideFloor(local), ...besideReferences(samples), ...travelTogether(local)],
  };
}

function at(samples: Sample[], networkMs: number, concurrency: number): Sample[] {
  return samples.filter((sample) =>
    sample.networkMs === networkMs && sample.concurrency === concurrency
  );
}

/** Without network: rates of all events and of each family, and how long one takes. */
function alongConcurrency(samples: Sample[]): Measures[] {
  const numbers = [...new Set(samples.map(({ concurrency }) => concurrency))];
  const along = { of: "at once", numbers };
  const lines = (figure: Figure, family?: Family) =>
    by(HANDLERS, (name) => numbers.map((number) => figure(at(samples, 0, number), name, family)));
  return [
    {
      unit: "events/s",
      along,
      groups: {
        "all events": lines(medianRate),
        ...by(FAMILY_NAMES, (family) => lines(medianRate, family)),
      },
    },
    {
      unit: "ms",
      along,
      groups: {
        "all events, p50": lines(latencyOf(50)),
        "all events, p95": lines(latencyOf(95)),
      },
    },
  ];
}

function overNetwork(samples: Sample[]): Measures["groups"] {
  return Object.assign(
    groupsOf(samples, medianRate),
    ...(["organizations", "memberships"] as const).map((family) =>
      groupsOf(samples, (own, name) => medianRate(own, name, family), `${family}, `)
    ),
  );
}

/** A group for each condition. */
function groupsOf(samples: Sample[], figure: Figure, prefix = ""): Measures["groups"] {
  const conditions = Map.groupBy(
    samples,
    ({ networkMs, concurrency }) => `${prefix}${concurrency} at once over ${networkMs} ms`,
  );
  return Object.fromEntries(
    [...conditions].map((
      [condition, own],
    ) => [condition, by(HANDLERS, (name) => figure(own, name))]),
  );
}

/** Of the samples of one condition. */
type Figure = (samples: Sample[], handler: Handler, family?: Family) => number;

const medianRate: Figure = (samples, handler, family) =>
  medianOverRounds(samples, (round) => rateOf(round, handler, family));

function latencyOf(percent: number): Figure {
  return (samples, handler) =>
    percentile(select(samples, handler).flatMap(({ ms }) => ms), percent);
}

const roundTripsOf: Figure = (samples, handler) => {
  const own = select(samples, handler);
  return sum(own.map(({ roundTrips }) => roundTrips)) / sum(own.map(({ ms }) => ms.length));
};

/** Who works how long for one event: it is what bounds the rate once all CPUs are busy. Nothing where there is no /proc. */
function cpuTimes(samples: Sample[], concurrency: number): Measures {
  const groups = Object.entries(samples[0]?.cpuMs ?? {})
    .filter(([, ms]) => Number.isFinite(ms))
    .map(([process]) => [
      `${process}, ${concurrency} at once`,
      by(HANDLERS, (name) => {
        const own = select(samples, name);
        return sum(own.map(({ cpuMs }) => cpuMs[process] ?? 0)) /
          sum(own.map(({ ms }) => ms.length));
      }),
    ]);
  return { unit: "CPU ms per event", groups: Object.fromEntries(groups) };
}

function besideFloor(local: Sample[]): Target[] {
  const shares = Object.entries(TIMES_FLOOR).map(([concurrency, atLeast]): Target => ({
    name: `events/s ÷ the floor's, ${concurrency} at once`,
    value: ratio(at(local, 0, Number(concurrency)), "ours", "floor"),
    limit: { atLeast },
  }));
  const alone = at(local, 0, 1);
  const p50 = latencyOf(50);
  return [...shares, {
    name: "median time ÷ the floor's, 1 at once",
    value: p50(alone, "ours") / p50(alone, "floor"),
    limit: { atMost: ALONE_TO_FLOOR },
  }];
}

function besideReferences(samples: Sample[]): Target[] {
  return TIMES_REFERENCES.flatMap(({ networkMs, concurrency, reference, atLeast }) => {
    const own = at(samples, networkMs, concurrency);
    const network = networkMs > 0 ? `, ${networkMs} ms from the Data API` : "";
    return (["organizations", "memberships"] as const).map((family): Target => ({
      name: `${family}: events/s ÷ ${reference}'s, ${concurrency} at once${network}`,
      value: ratio(own, "ours", reference, family),
      ...atLeast === undefined
        ? { bound: { name: "floor", value: ratio(own, "floor", reference, family) } }
        : { limit: { atLeast } },
    }));
  });
}

function travelTogether(local: Sample[]): Target[] {
  const { concurrency, most } = ROUND_TRIPS;
  return [{
    name: `round trips to the Data API for an event, ${concurrency} at once`,
    value: roundTripsOf(at(local, 0, concurrency), "ours"),
    limit: { atMost: most },
  }];
}

function ratio(samples: Sample[], handler: Handler, other: Handler, family?: Family): number {
  return medianOverRounds(
    samples,
    (round) => rateOf(round, handler, family) / rateOf(round, other, family),
  );
}

function medianOverRounds(samples: Sample[], figure: (round: Sample[]) => number): number {
  return median([...Map.groupBy(samples, ({ round }) => round).values()].map(figure));
}

function rateOf(samples: Sample[], handler: Handler, family?: Family): number {
  const own = select(samples, handler, family);
  return sum(own.map(({ ms }) => ms.length)) / sum(own.map(({ seconds }) => seconds));
}

function select(samples: Sample[], handler: Handler, family?: Family): Sample[] {
  return samples.filter((sample) =>
    sample.handler === handler && (family === undefined || sample.family === family)
  );
}
