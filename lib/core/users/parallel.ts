/** Sessions that are removed at a time. */
export const MAX_TAKES = 16;

/**
 * Does the task for each of these, so many at a time. Rejects with the first failure, and then
 * starts no more.
 */
export async function forEachParallel<T>(
  items: readonly T[],
  max: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  let hasFailed = false;
  const work = async () => {
    for (const item of queue) {
      if (hasFailed) return;
      await task(item);
    }
  };
  try {
    await Promise.all(Array.from({ length: max }, work));
  } catch (error) {
    hasFailed = true;
    throw error;
  }
}
