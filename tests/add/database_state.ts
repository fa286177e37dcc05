import type { Sql } from "postgres";

/** All that a database holds, a line each: what is declared, who may do what, and the rows of each table as a checksum. */
export async function databaseState(sql: Sql): Promise<string[]> {
  const declared = await sql<{ line: string }[]>`
    with spaces as (
      select oid, nspname, nspacl
      from pg_namespace
      where nspname !~ '^pg_' and nspname not in ('information_schema', 'supabase_migrations', 'extensions', 'auth')
    )
    select format('schema %s %s', nspname, nspacl) as line from spaces
    union all
    select format(
      'relation %s %s %s %s %s %s', c.oid::regclass, c.relkind, c.relacl, c.reloptions, c.relrowsecurity, c.relowner::regrole
    )
    from pg_class c join spaces s on s.oid = c.relnamespace
    union all
    select format(
      'column %s.%s %s %s %s %s %s', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
      pg_get_expr(d.adbin, d.adrelid), a.attgenerated, a.attacl
    )
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    join spaces s on s.oid = c.relnamespace
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attnum > 0 and not a.attisdropped
    union all
    select format('constraint %s of %s %s', o.conname, o.conrelid::regclass, pg_get_constraintdef(o.oid))
    from pg_constraint o join spaces s on s.oid = o.connamespace
    union all
    select pg_get_indexdef(i.indexrelid)
    from pg_index i join pg_class c on c.oid = i.indrelid join spaces s on s.oid = c.relnamespace
    union all
    select pg_get_triggerdef(g.oid)
    from pg_trigger g join pg_class c on c.oid = g.tgrelid join spaces s on s.oid = c.relnamespace
    where not g.tgisinternal
    union all
    select format('policy %s on %s %s %s', y.polname, y.polrelid::regclass, pg_get_expr(y.polqual, y.polrelid), y.polroles)
    from pg_policy y join pg_class c on c.oid = y.polrelid join spaces s on s.oid = c.relnamespace
    union all
    select format('view %s %s', c.oid::regclass, pg_get_viewdef(c.oid))
    from pg_class c join spaces s on s.oid = c.relnamespace
    where c.relkind in ('v', 'm')
    union all
    select format('function %s %s %s', p.oid::regprocedure, p.proacl, pg_get_functiondef(p.oid))
    from pg_proc p join spaces s on s.oid = p.pronamespace
    where p.prokind in ('f', 'p')
    union all
    select format('type %s %s', t.oid::regtype, t.typtype)
    from pg_type t join spaces s on s.oid = t.typnamespace
    order by 1
  `;
  const tables = await sql<{ name: string }[]>`
    select c.oid::regclass::text as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname in ('public', 'clerk_sync')
    order by 1
  `;
  const rows = [];
  for (const { name } of tables) {
    const [row] = await sql.unsafe(
      `select count(*), md5(string_agg(t::text, ',' order by t::text)) as sum from ${name} t`,
    );
    rows.push(`rows of ${name} ${row!.count} ${row!.sum}`);
  }
  return [...declared.map(({ line }) => line), ...rows];
}
