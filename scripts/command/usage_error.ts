/** The command was called in a way that cannot work. Its message is for the person who typed it; exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}
