import { printable } from "../command/printable.ts";
import type { Answer } from "./database.ts";
import type { Plan } from "./plan.ts";
import { CONFIG, EXAMPLE, MANIFEST, type Project } from "./project.ts";
import { FOLDERS } from "./release.ts";

/** What a run has to tell. */
export interface Told {
  /** The project's folder, as it was named. */
  folder: string;
  project: Project;
  version: string;
  plan: Plan;
  isRemoval: boolean;
  isCheck: boolean;
  /** What the database says; null: it was not asked. */
  answer: Answer | null;
}

/** What is in the way, if anything is. */
export function obstaclesOf({ plan, answer }: Pick<Told, "plan" | "answer">): string[] {
  return [...plan.obstacles, ...answer?.obstacle ? [answer.obstacle] : []];
}

/** What was done, or would be, in lines for people. */
export function reportOf(told: Told): string {
  const { plan, answer } = told;
  const obstacles = obstaclesOf(told);
  const notices = answer?.notices ?? [];
  const parts = [
    list("worth knowing, of the database", notices),
    obstacles.length > 0 ? list("in the way, so that nothing was written", obstacles) : done(told),
    list("changed by you, and left as it is", plan.kept),
    list(
      "changed by you and by this version: merge by hand, or delete the file and run this again",
      plan.conflicts,
    ),
    answer && !answer.obstacle ? "nothing in the database is in the way" : "",
    obstacles.length === 0 && !told.isCheck && plan.writes.length > 0 ? next(told) : "",
  ];
  return parts.filter(Boolean).join("\n\n");
}

function list(title: string, items: string[]): string {
  if (items.length === 0) return "";
  const lines = items.map((item) =>
    `  ${item.split("\n").map((line) => printable(line, 2000)).join("\n  ")}`
  );
  return `${title}:\n${lines.join("\n")}`;
}

function done({ folder, project, version, plan, isRemoval, isCheck }: Told): string {
  const { writes, deletes } = plan;
  const before = project.manifest?.version;
  const title = isRemoval
    ? `clerk-supabase-sync ${before} out of ${folder}`
    : before && before !== version
    ? `clerk-supabase-sync ${before} → ${version} in ${folder}`
    : `clerk-supabase-sync ${version} in ${folder}`;
  const paths = writes.map(({ path }) => path);
  const migrations = paths.filter((path) => path.startsWith("supabase/migrations/"));
  const lines = [
    counted("migration", migrations.length, `first ${nameOf(migrations[0])}`),
    ...FOLDERS.map((name) => {
      const isIn = (path: string) => path.startsWith(`supabase/functions/${name}/`);
      return counted("file", paths.filter(isIn).length, `in supabase/functions/${name}`);
    }),
    ...[CONFIG, EXAMPLE].filter((path) => paths.includes(path)),
    counted("file", deletes.length, "deleted"),
  ].filter(Boolean);
  const isNothing = paths.every((path) => path === MANIFEST) && deletes.length === 0;
  const what = isNothing ? ["nothing is to be written"] : lines;
  return [isCheck ? `${title}, would be written:` : `${title}:`, ...what.map((line) => `  ${line}`)]
    .join("\n");
}

function counted(what: string, count: number, where: string): string {
  return count === 0 ? "" : `${count} ${what}${count === 1 ? "" : "s"}, ${where}`;
}

function nameOf(path = ""): string {
  return path.split("/").at(-1)!;
}

/** What comes next, in a few lines. */
function next({ folder, project, isRemoval }: Told): string {
  const steps = isRemoval
    ? [
      "Clerk's Dashboard: delete the webhook endpoint",
      "npx supabase db push --remote",
      "npx supabase functions delete clerk-webhook, and sync-from-clerk",
      "the tables stay, closed to all but their owner and service_role: policies of your own open them",
    ]
    : project.manifest
    ? [
      "npx supabase db push --remote",
      "npx supabase functions deploy clerk-webhook sync-from-clerk",
    ]
    : [
      "npx supabase db push --remote   first tells all that is in the way, and begins nothing then",
      "npx supabase secrets set --env-file …   with the names in supabase/functions/.env.example",
      "npx supabase functions deploy clerk-webhook sync-from-clerk",
      "Clerk's Dashboard, Webhooks: an endpoint …/functions/v1/clerk-webhook",
      "from here: npm run drift shows what Clerk would change, npm run backfill does it, npm run doctor looks",
    ];
  return [`next, in ${folder}:`, ...steps.map((step, index) => `  ${index + 1}. ${step}`)].join(
    "\n",
  );
}
