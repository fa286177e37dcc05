/** Least to most severe. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a log line may hold: ids, words, numbers. Never a body, a secret or an email address. */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** Writes one line. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

/**
 * A log of one JSON object a line, `{time, level, message, …fields}`, in which lines below `level` are left out.
 * `write` takes the line; `now` tells the time.
 */
export function createLog(
  level: LogLevel,
  write: (line: string) => void = console.log,
  now: () => Date = () => new Date(),
): Log {
  const least = LOG_LEVELS.indexOf(level);
  return (lineLevel, message, fields) => {
    if (LOG_LEVELS.indexOf(lineLevel) < least) return;
    write(JSON.stringify({ time: now().toISOString(), level: lineLevel, message, ...fields }));
  };
}
