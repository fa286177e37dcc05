/** Loaded before a handler: it then asks the Data API over the benchmark's network. */
const url = Deno.env.get("BENCHMARK_NETWORK_URL");
if (url) Deno.env.set("SUPABASE_URL", url);
