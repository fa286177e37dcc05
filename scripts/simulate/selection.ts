import { UsageError } from "../command/usage_error.ts";
import { type Content, typesOf } from "./plan.ts";
import { isSampleType, SAMPLE_TYPES, type SampleType } from "./samples.ts";

/** More deliveries than this are refused: a run stays within minutes and its statistics within memory. */
export const MAX_DELIVERIES = 1_000_000;

/** What the command line selects to be sent. */
type Selection = Exclude<Content, { kind: "body" }> | { kind: "file"; path: string };

/** The options that select. */
interface Wish {
  type: string[];
  data?: string | undefined;
  file?: string | undefined;
  repeat: number;
  duplicates: number;
}

/** Finds what is to be sent; throws a UsageError. */
export function select(wish: Wish): Selection {
  const selection = selectionOf(wish);
  const events = typesOf(selection)?.length ?? 1;
  const deliveries = events * wish.repeat * (1 + wish.duplicates);
  if (deliveries <= MAX_DELIVERIES) return selection;
  throw new UsageError(`That is ${deliveries} deliveries; the most is ${MAX_DELIVERIES}.`);
}

/** Reads the file of a selection, or standard input; throws a UsageError when it can't be read. */
export async function readContent(selection: Selection): Promise<Content> {
  if (selection.kind !== "file") return selection;
  const { path } = selection;
  try {
    const body = path === "-"
      ? await new Response(Deno.stdin.readable).bytes()
      : await Deno.readFile(path);
    return { kind: "body", body };
  } catch (error) {
    throw new UsageError(`--file cannot be read: ${(error as Error).message}`);
  }
}

function selectionOf({ type: typeOptions, data, file: path }: Wish): Selection {
  const types = typeOptions.flatMap((option) => option.split(",")).map((type) => type.trim())
    .filter((type) => type !== "");
  if (typeOptions.length > 0 && types.length === 0) throw new UsageError("--type is empty.");
  if (path !== undefined) {
    if (data !== undefined || types.length > 0) {
      throw new UsageError("--file is the whole body: it goes with neither --type nor --data.");
    }
    return { kind: "file", path };
  }
  if (data !== undefined) {
    const [type, ...others] = types;
    if (type === undefined || others.length > 0) {
      throw new UsageError("--data needs exactly one --type.");
    }
    return { kind: "data", type, data: parseData(data) };
  }
  return types.length > 0 ? { kind: "samples", types: types.map(sampleType) } : { kind: "story" };
}

function sampleType(type: string): SampleType {
  if (isSampleType(type)) return type;
  throw new UsageError(
    `There is no sample for ${JSON.stringify(type)}: give its --data, or one of\n  ${
      SAMPLE_TYPES.join("\n  ")
    }`,
  );
}

function parseData(text: string): Record<string, unknown> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new UsageError("--data is not JSON. To send a broken body, use --file.");
  }
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new UsageError("--data is not a JSON object. To send a broken body, use --file.");
  }
  return data as Record<string, unknown>;
}
