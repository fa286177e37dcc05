import { createHash } from "node:crypto";

/** The numbers below `length` in an order that depends on `seed` alone (Fisher-Yates). */
export function shuffledOrder(length: number, seed: string): Uint32Array {
  const order = Uint32Array.from({ length }, (_, index) => index);
  const random = mulberry32(createHash("sha256").update(seed).digest().readUInt32LE());
  for (let last = length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const moved = order[last]!;
    order[last] = order[other]!;
    order[other] = moved;
  }
  return order;
}

function mulberry32(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
