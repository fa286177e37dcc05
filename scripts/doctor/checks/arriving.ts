import { ago, daysSince } from "../ago.ts";
import type { Check } from "../check.ts";
import { ok, warning } from "../finding.ts";
import { askStatus } from "../sync_status.ts";

/** Longer without an event is worth a look. */
const QUIET_DAYS = 7;

/** Whether Clerk's events arrive. What is ignored does not count: the doctor's own are. */
export const arriving: Check = {
  id: "arriving",
  title: "events arrive",
  needs: ["api-key"],
  async run({ project, now }) {
    const asked = await askStatus(project);
    if (asked.kind === "trouble") return asked.finding;
    const { ignored: _, ...last } = asked.answer.last;
    const newest = Object.values(last).filter((at) => at !== null).map((at) => new Date(at))
      .sort((one, other) => other.getTime() - one.getTime())[0];
    const fix =
      "Clerk's Dashboard, Webhooks, the endpoint: is it enabled, does Testing → Send Example arrive, " +
      "what do its Message Attempts say?";
    if (!newest) return warning("none has arrived yet", fix);
    const detail = `the last one ${ago(newest, now())}`;
    return daysSince(newest, now()) > QUIET_DAYS ? warning(detail, fix) : ok(detail);
  },
};
