import { LOG_LEVELS, type LogLevel } from "./log.ts";

/** Reads a variable of the environment. */
export type Env = (name: string) => string | undefined;

/** What is separated by commas, spaces or lines. */
export function listOf(value: string | undefined): string[] {
  return (value ?? "").split(/[\s,]+/).filter(Boolean);
}

/** Whether it is a URL of HTTP: `localhost:54321` parses as a URL too, whose scheme is `localhost:`. */
export function isHttpUrl(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

/** `LOG_LEVEL`, in any case; `info` when it is absent or unknown. */
export function readLogLevel(env: Env): LogLevel {
  const wanted = env("LOG_LEVEL")?.trim().toLowerCase();
  return LOG_LEVELS.find((level) => level === wanted) ?? "info";
}

/** `CLERK_INSTANCE_ID`; null when it is absent or empty. */
export function readInstanceId(env: Env): string | null {
  return env("CLERK_INSTANCE_ID")?.trim() || null;
}
