/** Cuts a list into pages. */
export function pagesOf<Item>(items: Item[], limit: number): Item[][] {
  return Array.from(
    { length: Math.ceil(items.length / limit) },
    (_, page) => items.slice(page * limit, (page + 1) * limit),
  );
}
