/** How fast something goes, and how long it will take. */
export interface Pace {
  perSecond: number;
  /** Null while nobody can tell. */
  secondsLeft: number | null;
}

/** The pace of so many rows in so many ms, with so many left to do. */
export function paceOf(rows: number, elapsedMs: number, rowsLeft: number): Pace {
  const perSecond = elapsedMs > 0 ? rows / (elapsedMs / 1000) : 0;
  return { perSecond, secondsLeft: perSecond > 0 ? Math.max(0, rowsLeft) / perSecond : null };
}

/** Seconds as `42 s`, `3 min 20 s` or `1 h 5 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/** A number with its thousands apart. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}
