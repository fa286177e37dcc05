import packageJson from "../../package.json" with { type: "json" };

/** One parameter of an RPC, as its migration declares it. */
export interface RpcParameter {
  type: string;
  required: boolean;
}

/** The parameters of one RPC, by name. */
export type RpcSignature = Map<string, RpcParameter>;

/** What a database has after the migrations of this folder. */
export interface Expected {
  /** Of this folder, as 1.0.0. */
  version: string;
  /** Their versions, the newest last. */
  migrations: string[];
  /** Each RPC's parameters, and the roles that may call it. */
  rpcs: Map<string, { parameters: string[]; callers: string[] }>;
}

const MIGRATIONS = new URL("../../supabase/migrations/", import.meta.url);
const RPC = /^create (?:or replace )?function public\.(\w+)\((?:\n([^)]*)\n)?\)\nreturns /gm;
const PARAMETER = /^\s*(p_\w+) ([\w[\]]+)( default .*?)?,?$/;
const GRANT = /^grant execute on function public\.(\w+)\([^)]*\)\s+to ([\w, ]+);/gm;

/** Reads the migrations of this folder. */
export function readExpected(): Expected {
  const { files, sql } = readMigrations();
  const callers = new Map(
    [...sql.matchAll(GRANT)].map(([, name, roles]) => [name!, roles!.split(/,\s*/).sort()]),
  );
  const rpcs: Expected["rpcs"] = new Map();
  for (const [name, signature] of signaturesIn(sql)) {
    rpcs.set(name, { parameters: [...signature.keys()], callers: callers.get(name) ?? [] });
  }
  const migrations = files.map((file) => file.split("_")[0]!);
  return { version: packageJson.version, migrations, rpcs };
}

/** Reads the RPCs out of the migrations. Throws when one can't be read. */
export function readRpcSignatures(): Map<string, RpcSignature> {
  return signaturesIn(readMigrations().sql);
}

function readMigrations(): { files: string[]; sql: string } {
  const files = [...Deno.readDirSync(MIGRATIONS)].map(({ name }) => name).sort()
    .filter((name) => name.endsWith(".sql"));
  return {
    files,
    sql: files.map((file) => Deno.readTextFileSync(new URL(file, MIGRATIONS))).join("\n"),
  };
}

function signaturesIn(sql: string): Map<string, RpcSignature> {
  return new Map(
    [...sql.matchAll(RPC)].map(([, name = "", parameters]) => {
      const lines = parameters?.split("\n") ?? [];
      return [name, new Map(lines.map(readParameter))];
    }),
  );
}

function readParameter(line: string): [string, RpcParameter] {
  const [, name, type, byDefault] = PARAMETER.exec(line) ?? [];
  if (!name || !type) throw new Error(`not a parameter: ${line}`);
  return [name, { type, required: byDefault === undefined }];
}
