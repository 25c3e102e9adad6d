import { silentLog } from '@skerry/shared/log';
import { nodeName, uid, version, type ObjectKey } from '@skerry/shared/names';
import { StoreWriteFailed } from '@skerry/shared/store';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { MemoryStore } from '@skerry/shared/testing/memory-store';
import { expect, it } from 'vitest';
import { Contact } from './link/contact.ts';
import { openLocalSide } from './local-side.ts';
import { MetaStore } from './meta/meta-store.ts';

const key = 'pods/default/web' as ObjectKey;
const object = Buffer.from(
  JSON.stringify({ kind: 'Pod', metadata: { name: 'web', namespace: 'default', uid: 'u1' } }),
);

it('what was written here keeps no agent from starting whose disk is full', async () => {
  const [store, clock] = [new MemoryStore(), new ManualClock()];
  const meta = await MetaStore.open(store);
  await meta.apply([{ key, uid: uid('u1'), version: version('1'), object }]).durable;
  const contact = await Contact.open(store, clock);
  const node = nodeName('edge-1');
  const open = (report: () => Promise<void>): ReturnType<typeof openLocalSide> => {
    const reports = { report, waiting: () => [], size: 0 };
    const parts = { node, store, meta, contact, reports, dirty: { add: () => undefined } };
    return openLocalSide({ clock, log: silentLog } as never, parts as never);
  };
  const { writes } = await open(() => Promise.resolve());
  await writes.write(key, { uid: 'u1', labels: {}, annotations: {} }, { labels: { a: 'b' } });
  const again = await open(() => Promise.reject(new StoreWriteFailed('no space left')));
  expect(again.writes.pendingOf(key)?.labels).toEqual({ a: { to: 'b', over: null } });
});
