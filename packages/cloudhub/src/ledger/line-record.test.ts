import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@skerry/shared/log';
import { version } from '@skerry/shared/names';
import { openStore } from '@skerry/shared/store';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { expect, it } from 'vitest';
import { firstLine, NumberLine, Rewound } from '../watch/number-line.ts';
import { keepLine, readLine, writeHorizonEveryMs } from './line-record.ts';

it('remembers the epoch and the horizon, as they move and at the end', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'skerry-line-'));
  const store = await openStore(directory, { whenCorrupt: 'fail', now: () => 0 });
  expect(await readLine(store)).toEqual(firstLine);

  const line = new NumberLine();
  const clock = new ManualClock();
  const stop = new AbortController();
  const keeping = keepLine({ store, line, clock, log: silentLog }, stop.signal);
  line.seen(version('70'));
  await settle();
  await clock.advance(writeHorizonEveryMs);
  await expect.poll(() => readLine(store)).toEqual({ epoch: 1, horizon: 70n });

  expect(() => line.listed(version('69'), version('70'))).toThrow(Rewound);
  line.rewind(new Rewound(version('70'), version('69')));
  stop.abort();
  await keeping;
  expect(await readLine(store)).toEqual({ epoch: 2, horizon: 69n });
  await store[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});
