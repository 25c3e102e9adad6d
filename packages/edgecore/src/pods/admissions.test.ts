import { readAmounts } from '@skerry/shared/kube/amounts';
import { objectKey, uid, version } from '@skerry/shared/names';
import { MemoryStore } from '@skerry/shared/testing/memory-store';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HeldObject, ObjectReader } from '../meta/object-reader.ts';
import { Admissions } from './admissions.ts';
import { PODS } from './pod-key.ts';
import type { PodObject } from './pod.ts';
import { newRecord } from './pod-record.ts';
import { PodRecords } from './pod-records.ts';
import { podObject } from './testing/pod-node.ts';

const container = { name: 'main', image: 'a', resources: { requests: { cpu: '1' } } };
const podNamed = (name: string): PodObject =>
  podObject({ name, uid: `uid-${name}`, containers: [container] });
const held = (pod: PodObject): HeldObject => ({
  key: objectKey(PODS, 'default', pod.metadata.name),
  uid: uid(pod.metadata.uid),
  version: version('1'),
  object: Buffer.from(JSON.stringify(pod)),
});
const room = {
  name: 'edge-1',
  allocatable: readAmounts({ cpu: '1', pods: '10' }),
  labels: {},
  runtimeClasses: new Set<string>(),
  pressures: [],
  pieces: [],
};

describe('admissions', () => {
  let records: PodRecords;
  beforeEach(async () => {
    records = new PodRecords(new MemoryStore());
    await records.keep(uid('uid-old'), newRecord(0));
  });

  const reading = (list: () => readonly HeldObject[]): ObjectReader => ({
    get: () => Promise.resolve(undefined),
    list: async () => Promise.resolve().then(list),
  });

  it('count what an earlier agent has taken, until it is released', async () => {
    const objects = reading(() => [held(podNamed('old'))]);
    const admissions = new Admissions({ objects, records, room: () => Promise.resolve(room) });
    expect(await admissions.admit(podNamed('new'))).toMatchObject({ do: 'refuse' });
    admissions.release(uid('uid-old'));
    expect(await admissions.admit(podNamed('new'))).toMatchObject({ do: 'take' });
  });

  it('go on when the disk could not be read at first', async () => {
    let failures = 1;
    const objects = reading(() => {
      if (failures-- > 0) throw new Error('input/output error');
      return [held(podNamed('old'))];
    });
    const admissions = new Admissions({ objects, records, room: () => Promise.resolve(room) });
    await expect(admissions.admit(podNamed('new'))).rejects.toThrow('input/output error');
    expect(await admissions.admit(podNamed('new'))).toMatchObject({ do: 'refuse' });
  });
});
