/** The Deno that Supabase's Edge Runtime is made of: https://github.com/supabase/edge-runtime/releases */
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

export const EDGE_VERSION = "2.1.4";

const PACKAGE = `edge-runtime-deno-${process.platform}-${process.arch}`;

/** Its program, which npm installs where there is one for this platform. */
export const EDGE_DENO = join(
  import.meta.dirname!,
  "..",
  "..",
  "node_modules",
  PACKAGE,
  "deno",
);

/** Whether npm has it for this platform, and installed it. */
export const HAS_EDGE_DENO = existsSync(EDGE_DENO);
