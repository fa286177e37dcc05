import { existsSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { StackError } from "./report.ts";

/** One folder of supabase/functions, as config.toml describes it. */
export type FunctionConfig = {
  name: string;
  entrypoint: string;
  verifyJwt: boolean;
  /** Its deno.json or import map; null: it has none. */
  importMap: string | null;
};

/** The part of supabase/config.toml that the stack reads, with the CLI's defaults. */
export type StackConfig = {
  apiPort: number;
  dbPort: number;
  schemas: string[];
  searchPath: string[];
  maxRows: number;
  /** The Clerk instance whose session tokens are accepted, by its domain; null: none. */
  clerkDomain: string | null;
  functions: FunctionConfig[];
};

type Toml = {
  api?: { port?: number; schemas?: string[]; extra_search_path?: string[]; max_rows?: number };
  db?: { port?: number };
  auth?: { third_party?: { clerk?: { enabled?: boolean; domain?: string } } };
  functions?: Record<
    string,
    { enabled?: boolean; verify_jwt?: boolean; entrypoint?: string; import_map?: string }
  >;
};

/** Reads config.toml of a project, and which functions there are to serve. */
export function readConfig(root: string): StackConfig {
  const toml = parseToml(join(root, "supabase", "config.toml"));
  const { api = {}, db = {}, auth = {} } = toml;
  return {
    apiPort: api.port ?? 54321,
    dbPort: db.port ?? 54322,
    schemas: api.schemas ?? ["public"],
    searchPath: api.extra_search_path ?? ["public", "extensions"],
    maxRows: api.max_rows ?? 1000,
    clerkDomain: clerkDomainOf(auth.third_party?.clerk),
    functions: functionNames(root)
      .filter((name) => toml.functions?.[name]?.enabled !== false)
      .map((name) => describe(root, name, toml))
      .filter(({ entrypoint }) => existsSync(entrypoint)),
  };
}

/** A bare host, as the CLI wants it: `example.clerk.accounts.dev`, or `clerk.example.com` of a production instance. */
const CLERK_DOMAIN = /^(clerk([.][a-z0-9-]+){2,}|([a-z0-9-]+[.])+clerk[.]accounts[.]dev)$/;

function clerkDomainOf(
  { enabled, domain = "" }: { enabled?: boolean; domain?: string } = {},
): string | null {
  if (!enabled) return null;
  if (CLERK_DOMAIN.test(domain)) return domain;
  throw new StackError(
    `config.toml: the domain of [auth.third_party.clerk] must be a host like ` +
      `example.clerk.accounts.dev or clerk.example.com, not '${domain}'`,
  );
}

function describe(root: string, name: string, toml: Toml): FunctionConfig {
  const { entrypoint, verify_jwt, import_map } = toml.functions?.[name] ?? {};
  const supabase = join(root, "supabase");
  // In the order in which the CLI looks for them.
  const importMaps = [
    ...["deno.json", "deno.jsonc", "import_map.json"].map((file) => join("functions", name, file)),
    join("functions", "import_map.json"),
  ].map((file) => join(supabase, file));
  return {
    name,
    entrypoint: join(supabase, entrypoint ?? join("functions", name, "index.ts")),
    verifyJwt: verify_jwt ?? true,
    importMap: import_map ? join(supabase, import_map) : importMaps.find(existsSync) ?? null,
  };
}

/** Folders that start with `_` are shared code, as for the CLI. */
function functionNames(root: string): string[] {
  const folder = join(root, "supabase", "functions");
  if (!existsSync(folder)) return [];
  return [...Deno.readDirSync(folder)]
    .filter(({ isDirectory, name }) => isDirectory && /^[A-Za-z][\w-]*$/.test(name))
    .map(({ name }) => name)
    .sort();
}

function parseToml(file: string): Toml {
  try {
    return parse(Deno.readTextFileSync(file)) as Toml;
  } catch (error) {
    throw new StackError(`${file}: ${error instanceof Error ? error.message : error}`);
  }
}
