const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const TAG_LENGTH = 19;
const DIGITS = 8;

/** The ids of one kind of object: as long as Clerk's, in the order of age like those, and with the object's number inside. */
export interface GeneratedIds {
  of(index: number): string;
  /** Null for an id that is none of these. */
  indexOf(id: string): number | null;
}

/** Ids of `count` objects; another seed gives others. */
export function generatedIds(prefix: string, count: number, seed: number): GeneratedIds {
  const start = `${prefix}_${tagOf(`${prefix}${seed}`)}`;
  const of = (index: number) => start + String(index).padStart(DIGITS, "0");
  return {
    of,
    indexOf: (id) => {
      const index = Number(id.slice(start.length));
      return index < count && of(index) === id ? index : null;
    },
  };
}

/** A number that looks random, the same for the same input. */
export function scramble(value: number, seed: number): number {
  let bits = Math.imul(value + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39);
  return (bits ^ (bits >>> 15)) >>> 0;
}

function tagOf(text: string): string {
  const seed = [...text].reduce((sum, char) => scramble(sum, char.charCodeAt(0)), 0);
  return Array.from(
    { length: TAG_LENGTH },
    (_, index) => ALPHABET[scramble(index, seed) % ALPHABET.length],
  ).join("");
}
