import { parseArgs } from "node:util";

/** What the command line asks for. */
type Flags = {
  apiPort?: number;
  dbPort?: number;
  dashboardPort?: number;
  dataDir?: string;
  fresh?: boolean;
};

const USAGE = `npm start -- [flags]     the local stack: PostgreSQL, Data API and functions

  --api-port <port>        of the API and the functions (api.port of config.toml; 0: any free port)
  --db-port <port>         of PostgreSQL (db.port of config.toml; 0: any free port)
  --dashboard-port <port>  of the status page (54323; 0: any free port)
  --data-dir <dir>         where the data are kept (.stack)
  --fresh                  delete the data first
  --help`;

/** Reads the flags; ends the process for --help, and with code 2 for what it does not know. */
export function readFlags(args: string[]): Flags {
  try {
    const { values } = parseArgs({
      args,
      options: {
        "api-port": { type: "string" },
        "db-port": { type: "string" },
        "dashboard-port": { type: "string" },
        "data-dir": { type: "string" },
        fresh: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) return end(USAGE, 0);
    const flags: Flags = {};
    if (values["api-port"] !== undefined) flags.apiPort = port("--api-port", values["api-port"]);
    if (values["db-port"] !== undefined) flags.dbPort = port("--db-port", values["db-port"]);
    if (values["dashboard-port"] !== undefined) {
      flags.dashboardPort = port("--dashboard-port", values["dashboard-port"]);
    }
    if (values["data-dir"] !== undefined) flags.dataDir = values["data-dir"];
    if (values.fresh) flags.fresh = true;
    return flags;
  } catch (error) {
    return end(`${error instanceof Error ? error.message : error}\n\n${USAGE}`, 2);
  }
}

function port(flag: string, text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return Number(text);
  throw new Error(`${flag} must be a number from 0 to 65535, not '${text}'`);
}

function end(text: string, code: number): never {
  (code === 0 ? console.log : console.error)(text);
  Deno.exit(code);
}
