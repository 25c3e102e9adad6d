import { watch } from 'node:fs';

/** Names kept while nobody asks for them; a burst of exits cannot outgrow it, names are kept once. */
type Pending = Set<string>;

/**
 * Names of entries of `directories` that came, went or changed, as the kernel says so (inotify).
 * Listens from the call on, not from the first read. Ends when `signal` aborts.
 */
export function watchDirectories(
  directories: readonly string[],
  signal: AbortSignal,
): AsyncIterableIterator<string, undefined> {
  const pending: Pending = new Set();
  let wake = (): void => undefined;
  let failure: Error | undefined;
  const watchers = directories.map((directory) =>
    watch(directory, { persistent: false }, (_event, name) => {
      if (name !== null) pending.add(name);
      wake();
    }).on('error', (error) => {
      failure = error;
      wake();
    }),
  );
  const close = (): void => {
    for (const watcher of watchers) watcher.close();
    wake();
  };
  signal.addEventListener('abort', close, { once: true });

  async function* names(): AsyncGenerator<string, undefined> {
    try {
      for (;;) {
        const [name] = pending;
        if (signal.aborted) return;
        if (failure) throw failure;
        if (name === undefined) {
          await new Promise<void>((resolve) => (wake = resolve));
          continue;
        }
        pending.delete(name);
        yield name;
      }
    } finally {
      close();
    }
  }
  return names();
}
