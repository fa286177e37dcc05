/** Serves nothing, in nobody's name: what a Deno process costs by itself, and with what it is told to import. */
for (const specifier of Deno.env.get("IMPORTS")?.split(" ") ?? []) await import(specifier);
Deno.serve(() => new Response());
