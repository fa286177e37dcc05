import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { startFunction } from "../../support/function_process.ts";
import { openDatabase } from "../open_database.ts";
import type { Part, PartResult, RunOptions } from "../part.ts";
import { fullPlaces } from "./full_places.ts";
import { signedAmongUnsigned } from "./signed_among_unsigned.ts";

const FULL = { seconds: 30, unsignedPerSecond: 2_000, signedPerSecond: 10 };
const QUICK = { seconds: 2, unsignedPerSecond: 200, signedPerSecond: 10 };

/** Whether a flood keeps deliveries out. It goes to the function itself: the gateway of the stack is slower. */
export const flood: Part = {
  name: "flood",
  title: "Signed deliveries among a flood of unsigned requests from the same address",
  run,
};

async function run({ isQuick, note, signal }: RunOptions): Promise<PartResult> {
  const size = isQuick ? QUICK : FULL;
  await using stack = await startTemporaryStack();
  const { API_URL, CLERK_WEBHOOK_SECRET, DB_URL, SECRET_KEY } = stack.env;
  await using alone = await startFunction("clerk-webhook", {
    CLERK_WEBHOOK_SECRET,
    SUPABASE_URL: API_URL,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: SECRET_KEY }),
  });
  await using sql = openDatabase(DB_URL, signal);
  note(`${size.seconds} seconds …`);
  const { unsigned, signed, database } = await signedAmongUnsigned({
    url: alone.url,
    secret: CLERK_WEBHOOK_SECRET,
    sql,
    signal,
    ...size,
  });
  note(`answers: ${JSON.stringify({ unsigned: unsigned.statuses, signed: signed.said })}`);

  note("full of the largest bodies …");
  const { atRestMb, peakMb } = await fullPlaces(signal);

  const { "401": refused = 0, "429": limited = 0 } = unsigned.statuses;
  const sentShare = (refused + limited) / unsigned.sent;
  return {
    settings: {
      seconds: size.seconds,
      "unsigned a second": size.unsignedPerSecond,
      "signed a second": size.signedPerSecond,
    },
    measures: [
      { group: "unsigned", name: "sent", value: unsigned.perSecond, unit: "requests/s" },
      {
        group: "unsigned",
        name: "rejected",
        value: unsigned.perSecond * sentShare,
        unit: "requests/s",
      },
      { group: "signed", name: "p50", value: signed.p50Ms, unit: "ms" },
      { group: "signed", name: "p95", value: signed.p95Ms, unit: "ms" },
      { group: "signed", name: "max", value: signed.maxMs, unit: "ms" },
      { group: "memory", name: "at rest", value: atRestMb, unit: "MB" },
      { group: "memory", name: "full of the largest bodies", value: peakMb, unit: "MB" },
    ],
    targets: [
      {
        name: "share of signed deliveries applied",
        value: (signed.said["200 applied"] ?? 0) / signed.sent,
        unit: "",
        limit: { atLeast: 1 },
      },
      {
        name: "events in the database that nobody signed",
        value: database.events - signed.sent,
        unit: "",
        limit: { atMost: 0 },
      },
      {
        name: "memory of the function, full of the largest bodies",
        value: peakMb,
        unit: "MB",
        limit: { atMost: 150 },
      },
    ],
  };
}
