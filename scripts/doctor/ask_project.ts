import * as z from "zod/mini";
import type { DataApi } from "./data_api.ts";
import { failure, type Finding } from "./finding.ts";

/** What an RPC returned, or the finding that it can't be asked. */
export type Asked<Answer> = { kind: "answer"; answer: Answer } | {
  kind: "trouble";
  finding: Finding;
};

/** Calls an RPC and checks the form of what it returns. */
export async function askProject<Schema extends z.ZodMiniType>(
  project: DataApi,
  name: string,
  schema: Schema,
  args: object = {},
): Promise<Asked<z.infer<Schema>>> {
  const result = await project.rpc(name, args);
  if (result.kind === "refused") {
    const isMissing = result.code === "PGRST202" || result.code === "42883";
    const finding = isMissing
      ? failure(`${name} is not there`, "npx supabase db push --remote")
      : failure(
        `${name} fails (${result.code})`,
        "npx supabase db push --remote; then look at the project's log.",
      );
    return { kind: "trouble", finding };
  }
  const parsed = schema.safeParse(result.answer);
  if (parsed.success) return { kind: "answer", answer: parsed.data };
  return {
    kind: "trouble",
    finding: failure(`${name} returns something else`, "npx supabase db push --remote"),
  };
}
