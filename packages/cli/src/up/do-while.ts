/**
 * Does `work` while `living` goes on. When that throws, work is told to end, and what it threw is thrown
 * once work has ended: whatever work owns is put away by then. When work ends first, living is told.
 */
export async function doWhile<T>(
  living: (signal: AbortSignal) => Promise<void>,
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const deaths: unknown[] = [];
  const life = living(either).catch((error: unknown) => {
    if (either.aborted) return;
    deaths.push(error);
    over.abort(error);
  });
  const ended = await work(either).then(
    (result) => () => result,
    (error: unknown) => () => {
      throw error;
    },
  );
  over.abort();
  await life;
  if (deaths.length > 0) throw deaths[0];
  return ended();
}
