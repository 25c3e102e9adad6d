import { silentLog } from '@skerry/shared/log';
import { nodeName, objectKey, uid, version } from '@skerry/shared/names';
import { settle } from '@skerry/shared/testing/manual-clock';
import { expect, it } from 'vitest';
import { pods } from '../kube/resource.ts';
import { FakeKube } from '../kube/testing/fake-kube.ts';
import { RefusalEvents } from './refusal-events.ts';

it('tells on the object, once per node and version, that a node refused it', async () => {
  const api = new FakeKube();
  const stop = new AbortController();
  const events = new RefusalEvents({ api, kinds: [pods], log: silentLog });
  const running = events.run(stop.signal).catch(() => undefined);
  const letter = {
    key: objectKey(pods.name, 'default', 'web'),
    uid: uid('u'),
    version: version('7'),
    code: 'store.too-large',
    reason: 'no room',
    at: 0,
  };
  events.tell(nodeName('edge-1'), letter);
  events.tell(nodeName('edge-1'), letter);
  await settle();
  stop.abort(new Error('done'));
  await running;
  const [created, ...more] = api.calls.filter(({ call }) => call === 'create');
  expect(created?.body).toMatchObject({
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'web', resourceVersion: '7' },
    reason: 'NotApplied',
    message: 'Node edge-1 refused it (store.too-large): no room',
  });
  expect(more).toEqual([]);
});
