import postgres, { type Sql } from "postgres";

/** One connection to a stack's database. It is cut once the signal aborts, so that no long query is waited for. */
export function openDatabase(url: string, signal: AbortSignal): Sql & AsyncDisposable {
  signal.throwIfAborted();
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const cut = () => void sql.end({ timeout: 0 });
  signal.addEventListener("abort", cut, { once: true });
  const dispose = async () => {
    signal.removeEventListener("abort", cut);
    await sql.end({ timeout: 0 });
  };
  return Object.assign(sql, { [Symbol.asyncDispose]: dispose });
}
