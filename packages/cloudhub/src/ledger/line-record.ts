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

/** What the hub knew of the cluster's number line when it ended. */
export async function readLine(store: Store): Promise<LineState> {
  const entry = await store.table(table).get(entryKey);
  if (!entry) return firstLine;
  const { epoch, horizon } = JSON.parse(new TextDecoder().decode(entry)) as Entry;
  return { epoch, horizon: version(horizon) };
}

export function writeLine(store: Store, { epoch, horizon }: LineState): Promise<void> {
  const entry: Entry = { epoch, horizon: String(horizon) };
  const bytes = new TextEncoder().encode(JSON.stringify(entry));
  return store.commit([store.table(table).put(entryKey, bytes)]);
}

interface Entry {
  readonly epoch: number;
  readonly horizon: string;
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
