/** Does the task for each of these, so many at a time. Rejects with the first failure, and then starts no more. */
export async function forEachParallel<T>(
  items: Iterable<T>,
  max: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  let hasFailed = false;
  const work = async () => {
    for (let next = rest.next(); !next.done && !hasFailed; next = rest.next()) await task(next.value);
  };
  try {
    await Promise.all(Array.from({ length: max }, work));
  } catch (error) {
    hasFailed = true;
    throw error;
  }
}
