/** What pgbench ran with. */
export interface PgbenchOptions {
  dbUrl: string;
  script: string;
  variables: Record<string, number>;
  clients: number;
  seconds: number;
  seed: number;
  signal: AbortSignal;
}

/** Whether the system has pgbench: it belongs to PostgreSQL, but not to the package that the stack runs. */
export function hasPgbench(): boolean {
  try {
    return new Deno.Command("pgbench", { args: ["--version"] }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Throws where there is none. */
export function requirePgbench(): void {
  if (!hasPgbench()) {
    throw new Error("pgbench is missing; Debian and Ubuntu have it in postgresql-contrib");
  }
}

/** Runs a script by prepared statements, and returns its transactions a second. Throws when one of them failed. */
export async function pgbench(options: PgbenchOptions): Promise<number> {
  const { dbUrl, script, variables, clients, seconds, seed, signal } = options;
  const { hostname, port, username, password, pathname } = new URL(dbUrl);
  const file = await Deno.makeTempFile({ suffix: ".sql" });
  try {
    await Deno.writeTextFile(file, script);
    const { success, stdout, stderr } = await new Deno.Command("pgbench", {
      args: [
        "--no-vacuum",
        "--protocol=prepared",
        `--client=${clients}`,
        `--jobs=${Math.min(clients, 2)}`,
        `--time=${seconds}`,
        `--random-seed=${seed}`,
        `--file=${file}`,
        ...Object.entries(variables).map(([name, value]) => `--define=${name}=${value}`),
      ],
      env: {
        PGHOST: hostname,
        PGPORT: port,
        PGUSER: username,
        PGPASSWORD: password,
        PGDATABASE: pathname.slice(1),
      },
      signal,
    }).output();
    const [, tps] = /^tps = ([\d.]+)/m.exec(new TextDecoder().decode(stdout)) ?? [];
    if (!success || !tps) throw new Error(`pgbench: ${new TextDecoder().decode(stderr).trim()}`);
    return Number(tps);
  } finally {
    await Deno.remove(file);
  }
}
