import { createHash } from "node:crypto";
import { type ClerkEvent, SAMPLES, type SampleType } from "./samples.ts";

/** Which telling of the story: the same story always gives the same ids, names and times. */
export interface Story {
  seed: string;
  /** Stories of one seed share no id. */
  index: number;
  /** When the story's last event happens, in ms. All others lie before it. */
  endsAt: number;
  /** Replaces the samples' instance id. */
  instanceId?: string;
  /** When the event is announced, in ms, where that is not the time of the change itself. */
  announcedAt?: number;
  /** Told of other people and of another organization. */
  isOfOthers?: boolean;
}

/** What changes in the samples to make others of them. */
const OTHERS = {
  Ada: "Charles",
  Lovelace: "Babbage",
  "ada.lovelace": "charles.babbage",
  Analytical: "Difference",
  analytical: "difference",
};

const DAY_MS = 86_400_000;
const SAMPLES_END_AT = SAMPLES["user.deleted"].timestamp;

/** One event of the story, with ids, slugs, addresses and times of its own. */
export function storyEvent(type: SampleType, story: Story): ClerkEvent {
  const { seed, index, endsAt, instanceId, announcedAt, isOfOthers = false } = story;
  const event = retell("", SAMPLES[type], {
    key: `${seed}/${index}${isOfOthers ? "/others" : ""}`,
    shiftMs: endsAt - SAMPLES_END_AT,
    isOfOthers,
  }) as ClerkEvent;
  return {
    ...event,
    timestamp: announcedAt ?? event.timestamp,
    instance_id: instanceId ?? SAMPLES[type].instance_id,
  };
}

type Telling = { key: string; shiftMs: number; isOfOthers: boolean };

function retell(name: string, value: unknown, telling: Telling): unknown {
  if (typeof value === "string") return retellText(name, value, telling);
  if (typeof value === "number") {
    return /^timestamp$|_at$|^period_(start|end)$/.test(name) ? retellTime(value, telling) : value;
  }
  if (Array.isArray(value)) return value.map((item) => retell(name, item, telling));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      // Plans are the instance's, and the same for all who pay.
      /^plan(_id)?$/.test(key) ? member : retell(key, member, telling),
    ]),
  );
}

function retellText(name: string, told: string, { key, isOfOthers }: Telling): string {
  const text = Object.entries(isOfOthers ? OTHERS : {})
    .reduce((all, [one, other]) => all.replaceAll(one, other), told);
  const [, prefix] = /^([a-z]+(?:_[a-z]+)?)_\w{27}$/.exec(text) ?? [];
  if (prefix) return freshId(prefix, `${key}/${text}`);
  if (/@example\.(com|org)$/.test(text)) return text.replace("@", `+${freshTag(key)}@`);
  if (name === "slug") return `${text}-${freshTag(key)}`;
  if (name === "username") return `${text}_${freshTag(key)}`;
  return text;
}

function retellTime(at: number, { shiftMs }: Telling): number {
  const shifted = at + shiftMs;
  // A user's last_active_at tells the day only, and goes on doing so.
  return at % DAY_MS === 0 ? shifted - shifted % DAY_MS : shifted;
}

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE36 = BASE62.slice(0, 10) + BASE62.slice(36);

/** An id in Clerk's form, `prefix_` and 27 letters and digits, that depends on `key` alone. */
export function freshId(prefix: string, key: string): string {
  return `${prefix}_3${letters(key, 26, BASE62)}`;
}

/** Eight small letters and digits that depend on `key` alone: makes a slug or an address unique. */
export function freshTag(key: string | Uint8Array): string {
  return letters(key, 8, BASE36);
}

function letters(key: string | Uint8Array, length: number, alphabet: string): string {
  const digest = createHash("sha256").update(key).digest();
  return Array.from(digest.subarray(0, length), (byte) => alphabet[byte % alphabet.length]).join(
    "",
  );
}
