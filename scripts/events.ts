import { Option } from "@commander-js/extra-typings";
import process from "node:process";
import { defineCommand } from "./command/command.ts";
import { KEY_NOTE, listOf, notEmpty, projectOptions, wholeNumber } from "./command/options.ts";
import { printableJson } from "./command/printable.ts";
import { widthOf } from "./command/terminal.ts";
import { causesJson, formatCauses } from "./events/causes.ts";
import { formatClosings, formatListing, listingJson } from "./events/format.ts";
import {
  closeEvents,
  isOpen,
  listCauses,
  listEvents,
  OPEN_OUTCOMES,
  OUTCOMES,
} from "./events/ledger.ts";
import { unlessAborted } from "./project/persist.ts";
import { openProject } from "./project/rpc.ts";

/** The most that sync_list_events returns. */
const MOST = 500;

export default defineCommand({
  name: "events",
  group: "operate",
  summary: "what failed or was rejected, and what to do about it",
  description:
    `Tells what is in the way of the events that failed or were rejected and that no later delivery
settled, and what to do about it. With a filter it lists events of the ledger, one by one. Closes one
that will never succeed.`,
  examples: [
    ["", "what is open, by its cause"],
    ["--outcome failed,rejected", "the same, one by one"],
    ["--all --clerk-id user_123", "whatever came of this user"],
    ["--close msg_123", "wait for it no longer"],
  ],
  options: (command) =>
    projectOptions(
      command
        .option(
          "--outcome <list>",
          `of ${OUTCOMES.join(",")} (with another filter: ${OPEN_OUTCOMES})`,
          listOf("outcome", OUTCOMES),
        )
        .addOption(new Option("--all", "every outcome").default(false).conflicts("outcome"))
        .option("--type <type>", "events of this type", notEmpty("type"))
        .option(
          "--clerk-id <id>",
          "about user_…, org_…, orgmem_… or sess_…, of a user or organization also its " +
            "memberships and sessions; or the one with this svix-id",
          notEmpty("clerk-id"),
        )
        .option(
          "--limit <n>",
          `so many causes, or the newest so many events, up to ${MOST}`,
          wholeNumber("limit", 1, MOST),
          50,
        )
        .addOption(
          new Option(
            "--close <svix-id>",
            "close a failed or rejected event instead, and again for more: it counts as open no " +
              "more, and keeps its error; a later delivery may still apply it",
          )
            // What is closed is named one by one: no filter, which might match what nobody has looked at.
            .argParser((id, ids: string[]) => [...ids, notEmpty("close")(id)]).default<string[]>([])
            .conflicts(["outcome", "all", "type", "clerkId"]),
        ),
    ).option("--json", "one JSON object", false),
  notes: `${KEY_NOTE}

Exit code: 0 none of what is listed is open, or all are closed; 1 some is, or one to be closed was not
open; 2 wrong usage or the project did not answer; 130 interrupted.`,
  async run({ outcome, all, type, clerkId, limit, close, json, ...place }, { signal }) {
    const rpc = await openProject(place, signal);
    if (close.length > 0) {
      const closings = await closeEvents(rpc, close);
      console.log(json ? printableJson({ closings }) : formatClosings(closings));
      return closings.every(({ result }) => result === "closed") ? 0 : 1;
    }
    const isFiltered = [outcome, type, clerkId].some((filter) => filter !== undefined) || all;
    if (!isFiltered) {
      const causes = await unlessAborted(listCauses(rpc, limit), signal);
      console.log(
        json ? causesJson(causes, limit) : formatCauses(causes, limit, widthOf(process.stdout)),
      );
      return causes.length > 0 ? 1 : 0;
    }
    const filter = {
      p_outcomes: all ? null : outcome ?? OPEN_OUTCOMES,
      p_event_type: type ?? null,
      p_clerk_id: clerkId ?? null,
      p_limit: limit,
    };
    const events = await unlessAborted(listEvents(rpc, filter), signal);
    const listing = { events, limit, now: new Date() };
    console.log(json ? listingJson(listing) : formatListing(listing, widthOf(process.stdout)));
    return events.some(isOpen) ? 1 : 0;
  },
});
