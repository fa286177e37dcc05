import type * as z from "zod/mini";
import { ProjectError } from "./project_rpc.ts";

/** What an RPC returned, checked; rejects what no RPC of ours returns. */
export function parseAnswer<Schema extends z.ZodMiniType>(
  schema: Schema,
  answer: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new ProjectError("failed", "unexpected_answer");
}
