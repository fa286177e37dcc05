/** How a check ended. What is not ok says how it is mended. */
export type Finding =
  | { level: "ok"; detail: string }
  | { level: "warning"; detail: string; fix: string }
  | { level: "failure"; detail: string; fix: string }
  | { level: "skipped"; detail: string };

/** It is as it should be. */
export function ok(detail: string): Finding {
  return { level: "ok", detail };
}

/** It works, but should be otherwise. */
export function warning(detail: string, fix: string): Finding {
  return { level: "warning", detail, fix };
}

/** It does not work, or is not safe. */
export function failure(detail: string, fix: string): Finding {
  return { level: "failure", detail, fix };
}

/** It could not be looked at. */
export function skipped(detail: string): Finding {
  return { level: "skipped", detail };
}
