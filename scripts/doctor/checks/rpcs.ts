import * as z from "zod/mini";
import { askProject } from "../ask_project.ts";
import type { Check } from "../check.ts";
import { failure, ok } from "../finding.ts";

const Described = z.array(
  z.object({ rpc: z.string(), parameters: z.array(z.string()), callers: z.array(z.string()) }),
);

/** Whether every RPC is there, with its parameters, for those alone who may call it. */
export const rpcs: Check = {
  id: "rpcs",
  title: "RPCs",
  needs: ["api-key"],
  async run({ project, expected }) {
    const args = { p_names: [...expected.rpcs.keys()] };
    const asked = await askProject(project, "describe_rpcs", Described, args);
    if (asked.kind === "trouble") return asked.finding;
    const problems: string[] = [];
    for (const [name, { parameters, callers }] of expected.rpcs) {
      const [found, ...others] = asked.answer.filter(({ rpc }) => rpc === name);
      if (!found) problems.push(`${name} is missing`);
      else if (others.length > 0) problems.push(`${name} is there more than once`);
      else if (found.parameters.join() !== parameters.join()) {
        problems.push(`${name} has other parameters`);
      } else if (found.callers.toSorted().join() !== callers.join()) {
        problems.push(`${name} can be called by ${found.callers.join(", ") || "nobody"}`);
      }
    }
    const [first, ...more] = problems;
    if (first) {
      return failure(
        `${first}${more.length > 0 ? `, and ${more.length} more` : ""}`,
        "Apply the migrations to a database that nothing else changed: npx supabase db push --remote.",
      );
    }
    return ok(`all ${expected.rpcs.size} there, with their parameters and grants`);
  },
};
