/**
 * Dials the addresses one after another, beginning with the one that answered last, until one answers;
 * throws the error of the last one tried.
 */
export function dialInTurn<T>(
  addresses: readonly [string, ...string[]],
  dial: (address: string, signal: AbortSignal) => Promise<T>,
): (signal: AbortSignal) => Promise<T> {
  let turn = 0;
  return async (signal) => {
    let failure: unknown;
    for (let tried = 0; tried < addresses.length; tried++) {
      try {
        return await dial(addresses[turn] ?? addresses[0], signal);
      } catch (error) {
        signal.throwIfAborted();
        failure = error;
        turn = (turn + 1) % addresses.length;
      }
    }
    throw failure;
  };
}
