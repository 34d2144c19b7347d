/** MongoDB's own: Unauthorized, and what Atlas says instead. */
const UNAUTHORIZED_CODES = new Set<unknown>([13, 8000]);

/** Whether an operation failed because the database user has no right to it. See `SeatStore`. */
export function isUnauthorized(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = (error.cause ?? error) as { code?: unknown };
  return UNAUTHORIZED_CODES.has(code);
}
