/** What the user can act on: printed as its message alone, without a stack trace. */
export class StackError extends Error {
  override name = "StackError";
}
