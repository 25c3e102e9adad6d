import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { version } from '@skerry/shared/names';
import type { Store } from '@skerry/shared/store';
import { firstLine, type LineState } from '../watch/number-line.ts';

/** How often the horizon is written while it moves, milliseconds. */
export const writeHorizonEveryMs = 5_000;

const table = 'line';
const entryKey = 'state';

/** What the hub knew of the cluster's number line when it ended; `<epoch> <horizon>` on disk. */
export async function readLine(store: Store): Promise<LineState> {
  const entry = await store.table(table).get(entryKey);
  const [, epoch, horizon] = /^(\d{1,15}) (\d{1,20})$/.exec(new TextDecoder().decode(entry)) ?? [];
  return epoch && horizon ? { epoch: Number(epoch), horizon: version(horizon) } : firstLine;
}

export function writeLine(store: Store, { epoch, horizon }: LineState): Promise<void> {
  const bytes = new TextEncoder().encode(`${epoch} ${horizon}`);
  return store.commit([store.table(table).put(entryKey, bytes)]);
}

export interface LineRecordParts {
  readonly store: Store;
  readonly line: { readonly state: LineState };
  readonly clock: Clock;
  readonly log: Log;
}

/** Writes the horizon as it moves, until the signal aborts, and once more then. */
export async function keepLine(
  { store, line, clock, log }: LineRecordParts,
  signal: AbortSignal,
): Promise<void> {
  let written: LineState | undefined;
  const write = async (): Promise<void> => {
    if (line.state === written) return;
    const { state } = line;
    await writeLine(store, state).then(
      () => (written = state),
      (error: unknown) =>
        log.warn({ code: codeOf(error), reason: messageOf(error) }, 'the horizon is not written'),
    );
  };
  while (!signal.aborted) {
    await clock.sleep(writeHorizonEveryMs, signal).catch(() => undefined);
    await write();
  }
}
