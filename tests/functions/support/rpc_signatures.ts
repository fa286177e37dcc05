/** One parameter of an RPC, as its migration declares it. */
export interface RpcParameter {
  type: string;
  required: boolean;
}

/** The parameters of one RPC, by name. */
export type RpcSignature = Map<string, RpcParameter>;

const MIGRATIONS = new URL("../../../supabase/migrations/", import.meta.url);

const RPC = /^create (?:or replace )?function public\.(\w+)\((?:\n([^)]*)\n)?\)\nreturns /gm;
const PARAMETER = /^\s*(p_\w+) ([\w[\]]+)( default .*?)?,?$/;

/** Reads the RPCs out of the migrations. Throws when one can't be read. */
export function readRpcSignatures(): Map<string, RpcSignature> {
  const files = [...Deno.readDirSync(MIGRATIONS)].map(({ name }) => name).sort();
  const sql = files.map((file) => Deno.readTextFileSync(new URL(file, MIGRATIONS))).join("\n");
  const signatures = new Map<string, RpcSignature>();
  for (const [, name = "", parameters] of sql.matchAll(RPC)) {
    const lines = parameters?.split("\n") ?? [];
    signatures.set(name, new Map(lines.map(readParameter)));
  }
  return signatures;
}

function readParameter(line: string): [string, RpcParameter] {
  const [, name, type, byDefault] = PARAMETER.exec(line) ?? [];
  if (!name || !type) throw new Error(`not a parameter: ${line}`);
  return [name, { type, required: byDefault === undefined }];
}
