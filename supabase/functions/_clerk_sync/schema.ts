/** The schema that has the sync's tables, types and RPCs. The Data API has to expose it. */
export const SCHEMA = "public";
