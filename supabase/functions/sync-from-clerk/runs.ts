/** Begins `run`, or joins the run of the same key that is under way; null when too many others are. */
export type Run<Answer> = (key: string, run: () => Promise<Answer>) => Promise<Answer> | null;

/** One run of each key at a time, and `limit` in all: who joins one costs nothing more, and has its answer. */
export function createRuns<Answer>(limit: number): Run<Answer> {
  const underWay = new Map<string, Promise<Answer>>();

  return (key, run) => {
    const running = underWay.get(key);
    if (running) return running;
    if (underWay.size >= limit) return null;
    const started = run().finally(() => underWay.delete(key));
    underWay.set(key, started);
    return started;
  };
}
