/**
 * Makes a call that is told by its signal to end after `ms`. Unlike `AbortSignal.timeout`, whose time comes long after the
 * answer, this keeps nothing of a call that is over.
 */
export async function withTimeout<Answer>(
  ms: number,
  call: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), ms);
  try {
    return await call(timeout.signal);
  } finally {
    clearTimeout(timer);
  }
}
