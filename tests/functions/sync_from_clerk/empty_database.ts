import { type FakeDatabase, fakeDatabase, type Respond } from "../support/fake_database.ts";

/** What an RPC answers, by its name. */
export type Answers = Record<string, unknown>;

/** A database without a row, that every comparison finds in sync. */
const EMPTY: Answers = {
  compare_users: [],
  compare_orgs: [],
  compare_memberships: [],
  list_memberships: [],
  bound_instance: null,
  bind_instance: "bound",
  upsert_users: { applied: 1, stale: 0 },
  upsert_orgs: { applied: 1, stale: 0 },
  set_memberships: { applied: 1, stale: 0 },
};

/** An empty database that answers differently where a test says so. The single RPCs answer `applied`. */
export function emptyDatabase(answers: Answers = {}): FakeDatabase {
  return databaseBy(({ name }) => ({ kind: "done", answer: { ...EMPTY, ...answers }[name] }));
}

/** A database by a rule; where it gives no answer, the empty one does. */
export function databaseBy(respond: Respond): FakeDatabase {
  return fakeDatabase(async (call, signal) => {
    const result = await respond(call, signal);
    if (result.kind !== "done" || result.answer !== undefined) return result;
    return { kind: "done", answer: call.name in EMPTY ? EMPTY[call.name] : "applied" };
  });
}

/** A row that a comparison found to differ. */
export function row(
  external_id: string,
  kind: string,
  fields: string[] = [],
  updated_at = null as string | null,
) {
  return { external_id, kind, fields, updated_at };
}
