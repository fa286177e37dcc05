import { by, median, percentile, sum } from "../measuring.ts";
import type { Measures, PartResult, Target } from "../part.ts";
import { type Family, FAMILY_NAMES, type Handler, type Sample } from "./rounds.ts";

/** Of the floor's throughput, over all events. */
const SHARE_OF_FLOOR = 0.8;

/** The reference's throughput so many times, for families whose events concern several tables. */
const TIMES_REFERENCE = 2;

const DELIVERED_TO: Handler[] = ["ours", "ledger row", "floor", "reference"];
const FUNCTION_SHARE = "the function's share of the floor";

const ALL: Handler[] = [...DELIVERED_TO, "bare RPC"];

/** All events together, then each family alone; the RPC alone has none. */
const GROUPS: Group[] = [
  { group: "all events", family: undefined, handlers: ALL },
  ...FAMILY_NAMES.map((family) => ({ group: family, family, handlers: DELIVERED_TO })),
];

interface Group {
  group: string;
  family: Family | undefined;
  handlers: Handler[];
}

/** What the samples come to. Rates are medians over the rounds, and so are ratios: of two rates of one round. */
export function figuresOf(samples: Sample[]): Omit<PartResult, "settings"> {
  const numbers = [...new Set(samples.map(({ concurrency }) => concurrency))];
  const at = numbers.map((concurrency) =>
    samples.filter((sample) => sample.concurrency === concurrency)
  );
  const along = { of: "at once", numbers };
  const groupsOf = (groups: Group[], suffix: string, figure: Figure) =>
    Object.fromEntries(groups.map(({ group, family, handlers }) => [
      group + suffix,
      by(handlers, (name) => at.map((samples) => figure(samples, name, family))),
    ]));
  const latencies = (percent: number) =>
    groupsOf(GROUPS.slice(0, 1), `, p${percent}`, latencyOf(percent));
  return {
    measures: [
      { unit: "events/s", along, groups: groupsOf(GROUPS, "", medianRate) },
      { unit: "%", along, groups: { [FUNCTION_SHARE]: { "the function": at.map(functionShare) } } },
      { unit: "ms", along, groups: { ...latencies(50), ...latencies(95) } },
      cpuTimes(at.at(-1)!, numbers.at(-1)!),
    ],
    targets: at.flatMap((samples, index) => targets(samples, numbers[index]!)),
  };
}

/** Of the samples of one concurrency. */
type Figure = (samples: Sample[], handler: Handler, family?: Family) => number;

const medianRate: Figure = (samples, handler, family) =>
  medianOverRounds(samples, (round) => rateOf(round, handler, family));

function latencyOf(percent: number): Figure {
  return (samples, handler, family) =>
    percentile(select(samples, handler, family).flatMap(({ ms }) => ms), percent);
}

/** How much of the floor's time is the function's doing, in percent: the rest is the RPC's. */
function functionShare(samples: Sample[]): number {
  const share = (round: Sample[]) => 1 - rateOf(round, "floor") / rateOf(round, "bare RPC");
  return medianOverRounds(samples, share) * 100;
}

/** Who works how long for one event: it is what bounds the rate once all CPUs are busy. Nothing where there is no /proc. */
function cpuTimes(samples: Sample[], concurrency: number): Measures {
  const groups = Object.entries(samples[0]?.cpuMs ?? {})
    .filter(([, ms]) => Number.isFinite(ms))
    .map(([process]) => [
      `${process}, ${concurrency} at once`,
      by(ALL, (name) => {
        const own = select(samples, name);
        return sum(own.map(({ cpuMs }) => cpuMs[process] ?? 0)) /
          sum(own.map(({ ms }) => ms.length));
      }),
    ]);
  return { unit: "CPU ms per event", groups: Object.fromEntries(groups) };
}

function targets(samples: Sample[], concurrency: number): Target[] {
  const ratio = (handler: Handler, other: Handler, family?: Family) =>
    medianOverRounds(
      samples,
      (round) => rateOf(round, handler, family) / rateOf(round, other, family),
    );
  // Whatever the rules are, they come on top of what writes a row of the ledger.
  const beside = (other: Handler, family?: Family) => ({
    value: ratio("ours", other, family),
    bound: { name: "ledger row", value: ratio("ledger row", other, family) },
  });
  return [
    {
      name: `share of the floor's events/s, ${concurrency} at once`,
      ...beside("floor"),
      limit: { atLeast: SHARE_OF_FLOOR },
    },
    ...(["organizations", "memberships"] as const).map((family) => ({
      name: `${family}: times the reference's events/s, ${concurrency} at once`,
      ...beside("reference", family),
      limit: { atLeast: TIMES_REFERENCE },
    })),
  ];
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
