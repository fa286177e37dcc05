/** From a terminal one Ctrl-C arrives several times: from the terminal, from npm and from the launcher. */
const SAME_REQUEST_MS = 1000;
const LAUNCHER_CHECK_MS = 250;

/**
 * Waits for Ctrl-C, a request to end, or the end of the launcher. The first is told to the callback, and resolves
 * the promise; a second one ends the process at once.
 */
export function onStopRequest(onFirst: () => void): Promise<void> {
  return new Promise((resolve) => {
    let requestedAt: number | undefined;
    const request = () => {
      if (requestedAt === undefined) {
        requestedAt = Date.now();
        onFirst();
        resolve();
      } else if (Date.now() - requestedAt > SAME_REQUEST_MS) {
        Deno.exit(130);
      }
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      Deno.addSignalListener(signal, request);
    }
    watchLauncher(request);
  });
}

/** A launcher that was killed outright forwards no signal: its absence is the request. */
function watchLauncher(request: () => void): void {
  const launcher = Number(Deno.env.get("LAUNCHER_PID"));
  if (launcher !== Deno.ppid) return;
  const timer = setInterval(() => {
    if (Deno.ppid === launcher) return;
    clearInterval(timer);
    request();
  }, LAUNCHER_CHECK_MS);
}
