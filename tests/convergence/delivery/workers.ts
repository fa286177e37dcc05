/** Takes the items in order, so many at once: each as soon as one before it is done. */
export async function work<Item>(
  items: Iterable<Item>,
  concurrency: number,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  // One iterator for all: an item that a worker has taken is nobody else's.
  const queue = items[Symbol.iterator]();
  await Promise.all(Array.from({ length: concurrency }, async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) await run(next.value);
  }));
}
