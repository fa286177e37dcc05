import { readRpcSignatures } from "../../tests/functions/support/rpc_signatures.ts";

/** An RPC as the migrations make it. */
export interface ExpectedRpc {
  parameters: string[];
  /** Roles that may call it. */
  callers: string[];
}

/** What a database has after the migrations of this folder. */
export interface Expected {
  /** Their versions, the newest last. */
  migrations: string[];
  rpcs: Map<string, ExpectedRpc>;
}

const MIGRATIONS = new URL("../../supabase/migrations/", import.meta.url);
const GRANT = /^grant execute on function public\.(\w+)\([^)]*\)\s+to ([\w, ]+);/gm;

/** Reads the migrations of this folder. */
export function readExpected(): Expected {
  const files = [...Deno.readDirSync(MIGRATIONS)].map(({ name }) => name).sort()
    .filter((name) => name.endsWith(".sql"));
  const sql = files.map((file) => Deno.readTextFileSync(new URL(file, MIGRATIONS))).join("\n");
  const callers = new Map(
    [...sql.matchAll(GRANT)].map(([, name, roles]) => [name!, roles!.split(/,\s*/).sort()]),
  );
  const rpcs = [...readRpcSignatures()].map(([name, signature]): [string, ExpectedRpc] => [
    name,
    { parameters: [...signature.keys()], callers: callers.get(name) ?? [] },
  ]);
  return { migrations: files.map((file) => file.split("_")[0]!), rpcs: new Map(rpcs) };
}
