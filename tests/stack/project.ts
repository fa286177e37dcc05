import { join } from "node:path";
import { type Stack, type StackOptions, startStack } from "../../scripts/stack/stack.ts";

/** A project to start a stack on, with functions and a migration of its own. */
export type Project = { root: string; dataDir: string; [Symbol.dispose](): void };

/** The code of this repository, whose packages a project borrows. */
const REPOSITORY = join(import.meta.dirname!, "..", "..");

/** Makes a project in a temporary folder, which is removed when it goes out of scope. */
export function temporaryProject(): Project {
  const root = Deno.makeTempDirSync({ prefix: "project-" });
  // As root the server runs as another user, who has to get through.
  Deno.chmodSync(root, 0o711);
  Deno.symlinkSync(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
  for (const [name, text] of Object.entries(FILES)) write(join(root, name), text);
  return {
    root,
    dataDir: join(root, ".stack"),
    [Symbol.dispose]: () => Deno.removeSync(root, { recursive: true }),
  };
}

function write(file: string, text: string): void {
  Deno.mkdirSync(join(file, ".."), { recursive: true });
  Deno.writeTextFileSync(file, text);
}

const FILES = {
  "deno.json": `{ "nodeModulesDir": "manual", "lock": false }`,
  "supabase/config.toml": `
    [api]
    port = 54321
    schemas = ["public"]
    [functions.echo]
    verify_jwt = false
    [functions.off]
    enabled = false
  `,
  "supabase/functions/.env.example": `
CLERK_WEBHOOK_SECRET=whsec_example
GREETING=hello
SUPABASE_SECRET_KEYS=not yours to set
`,
  "supabase/functions/_clerk_sync/index.ts": `throw new Error("shared code is not a function");`,
  "supabase/functions/off/index.ts": `throw new Error("this one is not enabled");`,
  "supabase/functions/guarded/index.ts": `
    Deno.serve((request) => new Response(request.headers.get("authorization")));
  `,
  "supabase/functions/echo/index.ts": `
    Deno.serve(async (request) => {
      const { pathname, search } = new URL(request.url);
      if (pathname === "/echo/env") return Response.json(Deno.env.toObject());
      if (pathname === "/echo/exit") Deno.exit(3);
      if (pathname === "/echo/log") {
        console.log(await request.text());
        return new Response();
      }
      return new Response(await request.bytes(), {
        headers: {
          "x-path": pathname + search,
          "x-caller": request.headers.get("x-forwarded-for") ?? "",
          "x-length": request.headers.get("content-length") ?? "",
        },
      });
    });
  `,
  "supabase/migrations/20260101000000_things.sql": `
    create schema hidden;
    create table hidden.secrets (id integer primary key);
    alter table hidden.secrets enable row level security;
    create table public.things (id integer primary key, value jsonb);
    alter table public.things enable row level security;
    create function public.type_of(p_value jsonb) returns text language sql
      as $$ select jsonb_typeof(p_value) $$;
    create function public.who() returns text language sql as $$ select current_user::text $$;
    create function public.time_limit() returns text language sql
      as $$ select current_setting('statement_timeout') $$;
    create function public.claims() returns jsonb language sql as $$ select auth.jwt() $$;
    create function public.closed() returns integer language sql as $$ select 1 $$;
    revoke execute on function public.closed() from public, anon, authenticated;
    create function public.fail(p_code text) returns void language plpgsql
      as $$ begin raise exception 'no' using errcode = p_code, detail = 'd', hint = 'h'; end $$;
  `,
};

/** A stack that stops when it goes out of scope. */
export type TestStack = Stack & AsyncDisposable & { said: string[] };

/** Starts the stack of a project on free ports, and keeps what it would print. */
export async function start(
  { root, dataDir }: Project,
  options: Partial<StackOptions> = {},
): Promise<TestStack> {
  const said: string[] = [];
  const stack = await startStack({
    root,
    dataDir,
    apiPort: 0,
    dbPort: 0,
    signal: new AbortController().signal,
    report: {
      begin: (part) => (detail) => void said.push(`${part} ${detail}`),
      line: (text) => void said.push(text),
    },
    ...options,
  });
  return { ...stack, said, [Symbol.asyncDispose]: stack.stop };
}
