/** Runs `run`, or waits for the answer of the run of the same key that is under way. */
export type OneAtATime<Answer> = (key: string, run: () => Promise<Answer>) => Promise<Answer>;

/** One run of each key at a time: who comes meanwhile costs nothing more. */
export function createOneAtATime<Answer>(): OneAtATime<Answer> {
  const underWay = new Map<string, Promise<Answer>>();

  return (key, run) => {
    const running = underWay.get(key);
    if (running) return running;
    const started = run().finally(() => underWay.delete(key));
    underWay.set(key, started);
    return started;
  };
}
