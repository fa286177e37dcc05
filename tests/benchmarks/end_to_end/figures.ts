import type { Measure, Target } from "../part.ts";
import { percentile } from "../percentile.ts";
import { type Family, FAMILY_NAMES } from "./events.ts";
import type { Handler, Sample } from "./rounds.ts";

/** Of the floor's throughput, over all events. */
const SHARE_OF_FLOOR = 0.8;

/** The reference's throughput so many times, for families whose events concern several tables. */
const TIMES_REFERENCE = 2;

const DELIVERED_TO: Handler[] = ["ours", "ledger row", "floor", "reference"];

/** What the samples come to. Rates are medians over the rounds, and so are ratios: of two rates of one round. */
export function figuresOf(samples: Sample[]): { measures: Measure[]; targets: Target[] } {
  const concurrencies = [...new Set(samples.map(({ concurrency }) => concurrency))];
  const at = (concurrency: number) =>
    samples.filter((sample) => sample.concurrency === concurrency);
  const highest = Math.max(...concurrencies);
  const measures = [
    ...concurrencies.flatMap((concurrency) => rates(at(concurrency), concurrency)),
    ...concurrencies.map((concurrency) => functionShare(at(concurrency), concurrency)),
    ...concurrencies.flatMap((concurrency) => latencies(at(concurrency), concurrency)),
    ...cpuTimes(at(highest), highest),
  ];
  return {
    // Where there is no /proc nothing is known of CPU time.
    measures: measures.filter(({ value }) => Number.isFinite(value)),
    targets: concurrencies.flatMap((concurrency) => targets(at(concurrency), concurrency)),
  };
}

function rates(samples: Sample[], concurrency: number): Measure[] {
  return [undefined, ...FAMILY_NAMES].flatMap((family) => {
    const group = `${family ?? "all events"}, ${concurrency} at once`;
    const handlers: Handler[] = family ? DELIVERED_TO : [...DELIVERED_TO, "bare RPC"];
    return handlers.map((name) => {
      const value = medianOverRounds(samples, (round) => rateOf(round, name, family));
      return { group, name, value, unit: "events/s" };
    });
  });
}

/** How much of the floor's time is the function's doing: the rest is the RPC's. */
function functionShare(samples: Sample[], concurrency: number): Measure {
  const share = medianOverRounds(
    samples,
    (round) => 1 - rateOf(round, "floor") / rateOf(round, "bare RPC"),
  );
  return {
    group: "the function's share of the floor",
    name: `${concurrency} at once`,
    value: share * 100,
    unit: "%",
  };
}

function latencies(samples: Sample[], concurrency: number): Measure[] {
  return [undefined, ...FAMILY_NAMES].flatMap((family) =>
    [50, 95, 99].flatMap((percent) => {
      const group = `${family ?? "all events"}, ${concurrency} at once, p${percent}`;
      const handlers: Handler[] = family ? DELIVERED_TO : [...DELIVERED_TO, "bare RPC"];
      return handlers.map((name) => {
        const ms = select(samples, name, family).flatMap((sample) => sample.ms);
        return { group, name, value: percentile(ms, percent), unit: "ms" };
      });
    })
  );
}

/** Who works how long for one event: it is what bounds the rate once all CPUs are busy. */
function cpuTimes(samples: Sample[], concurrency: number): Measure[] {
  const processes = Object.keys(samples[0]?.cpuMs ?? {});
  return processes.flatMap((process) =>
    [...DELIVERED_TO, "bare RPC" as const].map((name) => {
      const own = select(samples, name);
      const ms = sum(own.map(({ cpuMs }) => cpuMs[process] ?? 0));
      const value = ms / sum(own.map((sample) => sample.ms.length));
      return { group: `${process}, ${concurrency} at once`, name, value, unit: "CPU ms per event" };
    })
  );
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
    unit: "",
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
  const rounds = [...new Set(samples.map(({ round }) => round))];
  const figures = rounds.map((round) => figure(samples.filter((sample) => sample.round === round)));
  return percentile(figures, 50);
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

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
