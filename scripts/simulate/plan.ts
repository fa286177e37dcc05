import { createHash } from "node:crypto";
import { type ClerkEvent, SAMPLES, type SampleType, STORY_TYPES } from "./samples.ts";
import { freshId, freshTag, storyEvent } from "./story.ts";

/**
 * What is sent: the story is of twelve types, whose deletions are of others, so that somebody is left to look at; samples are of
 * one and the same; data gets an envelope, a body stays as it is.
 */
export type Content =
  | { kind: "story" }
  | { kind: "samples"; types: SampleType[] }
  | { kind: "data"; type: string; data: Record<string, unknown> }
  | { kind: "body"; body: Uint8Array<ArrayBuffer> };

/** Everything that a run's deliveries depend on. */
export interface PlanInput {
  content: Content;
  repeat: number;
  duplicates: number;
  shuffle: boolean;
  seed: string;
  /** The time of the run, in ms, at which its stories end. */
  startedAt: number;
  /** What time it is, in ms. Unless it is shuffled an event is announced when it is sent first; its copies are equal to the byte. */
  now: () => number;
  instanceId?: string;
}

/** An event that is to be delivered, not signed yet. */
export interface PlannedDelivery {
  id: string;
  type: string;
  body: string | Uint8Array<ArrayBuffer>;
}

/** The deliveries of a run. Each is made when asked for: a long run holds no bodies in memory. */
export interface Plan {
  total: number;
  delivery(index: number): PlannedDelivery;
}

/** Lays out a run: the selection `repeat` times, each event with its duplicates, in order or shuffled. */
export function planDeliveries(input: PlanInput): Plan {
  const { content, repeat, duplicates, seed } = input;
  const eventsPerStory = typesOf(content)?.length ?? 1;
  const copies = 1 + duplicates;
  const total = eventsPerStory * repeat * copies;
  const order = input.shuffle ? shuffledOrder(total, seed) : null;
  const eventOf = eventMaker(input);
  return {
    total,
    delivery(index) {
      const event = Math.floor((order?.[index] ?? index) / copies);
      return eventOf(Math.floor(event / eventsPerStory), event % eventsPerStory);
    },
  };
}

/** The types of the samples that are sent; null where none are. */
export function typesOf(content: { kind: string; types?: SampleType[] }): SampleType[] | null {
  return content.kind === "story" ? STORY_TYPES : content.types ?? null;
}

type EventMaker = (story: number, position: number) => PlannedDelivery;

function eventMaker(input: PlanInput): EventMaker {
  const { content, seed, startedAt, instanceId, shuffle, now } = input;
  const messageId = (story: number, what: string) => freshId("msg", `${seed}/${story}/${what}`);
  switch (content.kind) {
    case "story":
    case "samples": {
      const types = typesOf(content)!;
      let last: PlannedDelivery | null = null;
      return (story, position) => {
        const type = types[position]!;
        const id = messageId(story, `${position}/${type}`);
        if (last?.id === id) return last;
        const event = storyEvent(type, {
          seed,
          index: story,
          endsAt: startedAt,
          isOfOthers: content.kind === "story" && type.endsWith(".deleted"),
          ...(!shuffle && { announcedAt: now() }),
          ...(instanceId && { instanceId }),
        });
        return last = { id, type, body: JSON.stringify(event) };
      };
    }
    case "data": {
      const { type, data } = content;
      const event = { ...SAMPLES["user.created"], type, data, timestamp: startedAt };
      const body = JSON.stringify(instanceId ? { ...event, instance_id: instanceId } : event);
      const tag = freshTag(JSON.stringify([type, data]));
      return (story) => ({ id: messageId(story, tag), type, body });
    }
    case "body": {
      const { body } = content;
      const type = typeOfBody(body);
      const tag = freshTag(body);
      return (story) => ({ id: messageId(story, tag), type, body });
    }
  }
}

/** A body from a file may be anything; its type is only a label of the output. */
function typeOfBody(body: Uint8Array): string {
  try {
    const { type } = JSON.parse(new TextDecoder().decode(body)) as Partial<ClerkEvent>;
    if (typeof type === "string") return type;
  } catch {
    // No JSON, or null: there is no type to show.
  }
  return "(no type)";
}

/** The numbers below `length` in an order that depends on `seed` alone (Fisher-Yates). */
function shuffledOrder(length: number, seed: string): Uint32Array {
  const order = Uint32Array.from({ length }, (_, index) => index);
  const random = mulberry32(createHash("sha256").update(seed).digest().readUInt32LE());
  for (let last = length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const moved = order[last]!;
    order[last] = order[other]!;
    order[other] = moved;
  }
  return order;
}

function mulberry32(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
