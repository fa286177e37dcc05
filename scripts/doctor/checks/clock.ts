import type { Check } from "../check.ts";
import { failure, ok, skipped, warning } from "../finding.ts";

const WARN_SECONDS = 60;

/** Svix's signatures are good for 300 seconds. */
const FAIL_SECONDS = 240;

/** Whether the clocks agree: a signature is good for five minutes. */
export const clock: Check = {
  id: "clock",
  title: "clock",
  needs: ["reachable"],
  run({ skews }) {
    if (skews.length === 0) return skipped("no answer said what time it is");
    const skew = skews.toSorted((one, other) => one - other)[Math.floor(skews.length / 2)]!;
    const seconds = Math.round(Math.abs(skew));
    const detail = `the server's clock is ${seconds} s ${
      skew < 0 ? "behind" : "ahead of"
    } this machine's`;
    const fix =
      "Set the clock of this machine or of the server, by NTP: signatures are good for five minutes.";
    if (seconds > FAIL_SECONDS) return failure(detail, fix);
    if (seconds > WARN_SECONDS) return warning(detail, fix);
    return ok(seconds <= 1 ? "the same as the server's" : detail);
  },
};
