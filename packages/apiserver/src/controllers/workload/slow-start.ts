/**
 * Does the same `count` times: once, then twice at once, then four times, and so on, and not again once
 * an attempt has failed: when all attempts fail for one reason, few are made. Throws the first failure
 * after the attempts beside it have settled.
 */
export async function slowStart(count: number, attempt: () => Promise<void>): Promise<void> {
  for (let [left, batch] = [count, 1]; left > 0; left -= batch, batch = Math.min(batch * 2, left)) {
    const attempts = Array.from({ length: batch }, () => attempt());
    const outcomes = await Promise.allSettled(attempts);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason as Error;
  }
}
