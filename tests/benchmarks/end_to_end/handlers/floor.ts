/** What any Edge Function that makes one call of the database has to pay: nothing is read, verified or logged. */
import { createClient } from "@supabase/supabase-js";

const supabase = createClient(
  Deno.env.get("SUPABASE_URL")!,
  Deno.env.get("SUPABASE_SERVICE_ROLE_KEY")!,
);

Deno.serve(async () => {
  const { data: outcome, error } = await supabase.rpc("benchmark_noop");
  return error ? Response.json({ error }, { status: 500 }) : Response.json({ outcome });
});
