/** Numbers from 1 to `max` that depend on the seed alone (mulberry32). */
export function randomNumbers(seed: number, count: number, max: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return 1 + ((mixed ^ (mixed >>> 14)) >>> 0) % max;
  });
}
