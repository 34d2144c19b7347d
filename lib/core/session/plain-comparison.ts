/**
 * Whether an object has just the keys and values that it was filled with, seen without encoding it. False also where it can't be
 * told: objects may have changed inside.
 */
export function isPlainlyTheSame(
  now: Readonly<Record<string, unknown>>,
  filledWith: Readonly<Record<string, unknown>>,
): boolean {
  const keys = Object.keys(now);
  if (keys.length === 0 || keys.length !== Object.keys(filledWith).length) return false;
  for (const key of keys) {
    const value = now[key];
    // A key of its own with the value undefined looks like one that is not there.
    if (value === undefined || (typeof value === 'object' && value !== null)) return false;
    if (!Object.is(value, filledWith[key])) return false;
  }
  return true;
}
