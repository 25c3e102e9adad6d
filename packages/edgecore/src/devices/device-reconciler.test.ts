import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { uid, version, type ObjectKey } from '@skerry/shared/names';
import { openStore, type Store } from '@skerry/shared/store';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MetaStore } from '../meta/meta-store.ts';
import { deviceKey, deviceModelKey, type DeviceId } from './device-id.ts';
import { MalformedDevice } from './device-object.ts';
import { DeviceReconciler } from './device-reconciler.ts';
import { mqttProtocol } from './protocols/mqtt.ts';
import { withProperties } from './device-twin.ts';
import { Roster } from './roster.ts';
import { bytes, deviceObject, modelObject, thermo } from './testing/devices.ts';
import { MemoryBus } from './testing/memory-bus.ts';
import { wish, type Twin } from './twin.ts';
import { TwinStore } from './twin-store.ts';

const model = deviceModelKey('default', 'thermometer');
const device = deviceKey(thermo);

let directory: string;
let store: Store;
let meta: MetaStore;
let twins: TwinStore;
let roster: Roster;
let reconciler: DeviceReconciler;
let woken: ObjectKey[];
let described: DeviceId[];
let events: string[];
let relabelled: [object, object][];
let versions: bigint;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skerry-reconciler-'));
  store = await openStore(directory, { whenCorrupt: 'fail', now: () => 0 });
  meta = await MetaStore.open(store);
  twins = await TwinStore.open({ store, committed: () => undefined });
  const clock = new ManualClock();
  const refused = noMetrics.counter('refused_total', '');
  roster = new Roster({
    protocols: [mqttProtocol({ bus: new MemoryBus(), log: silentLog, refused })],
    sinkOf: () => () => Promise.resolve(),
    clock,
    random: () => 0.5,
    log: silentLog,
  });
  [woken, described, events, relabelled, versions] = [[], [], [], [], 0n];
  reconciler = new DeviceReconciler({
    objects: meta,
    twins,
    roster,
    wake: (key) => woken.push(key),
    described: (id) => described.push(id),
    relabelled: (_device, ...labels) => relabelled.push(labels),
    tell: (_about, { reason: why, message }) => {
      events.push(`${why} ${message}`);
      return Promise.resolve();
    },
    clock,
  });
});

afterEach(async () => {
  await roster.remove(thermo);
  await store[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

async function hold(key: ObjectKey, object?: Uint8Array): Promise<void> {
  versions += 1n;
  const change = { key, uid: uid('u'), version: version(String(versions)), object };
  await meta.apply([change]).durable;
  await reconciler.reconcile(key);
}

function written(twin: Twin): Twin {
  return wish(twin, 'setpoint', { value: '30' }, 1);
}

function reason(): string | undefined {
  return roster.get(thermo)?.condition.reason;
}

describe('device reconciler', () => {
  it('makes a twin and a mapper for a Device, and asks for its report', async () => {
    await hold(model, bytes(modelObject));
    await hold(device, bytes(deviceObject({ desired: { setpoint: '25' } })));
    expect(reason()).toBe('MapperRuns');
    expect(twins.get(thermo)?.properties.get('setpoint')?.desired?.value).toBe('25');
    expect(described).toEqual([thermo]);
  });

  it('looks at a Device again when its model comes', async () => {
    await hold(device, bytes(deviceObject()));
    expect(reason()).toBe('ModelMissing');
    await hold(model, bytes(modelObject));
    expect(woken).toEqual([device]);
    await reconciler.reconcile(device);
    expect(reason()).toBe('MapperRuns');
  });

  it('forgets a property that the model no longer has, and tells of what was written to it here', async () => {
    await hold(model, bytes(modelObject));
    await hold(device, bytes(deviceObject()));
    await twins.update(thermo, (held) => held && withProperties(held, written(held.properties)));
    const { spec } = modelObject as { spec: { properties: { name: string }[] } };
    const properties = spec.properties.filter(({ name }) => name !== 'setpoint');
    await hold(model, bytes({ ...modelObject, spec: { properties } }));
    await reconciler.reconcile(device);
    expect(reason()).toBe('Misconfigured');
    expect([...(twins.get(thermo)?.properties.keys() ?? [])]).toEqual(['temperature']);
    expect(events).toEqual([
      'DesiredValueLost setpoint: 30, written at the edge, gave way to the cloud: there is no such property any more',
    ]);
  });

  it('forgets nothing while there is no model', async () => {
    await hold(model, bytes(modelObject));
    await hold(device, bytes(deviceObject({ desired: { setpoint: '25' } })));
    await hold(model);
    await reconciler.reconcile(device);
    expect(reason()).toBe('ModelMissing');
    expect(twins.get(thermo)?.properties.get('setpoint')?.desired?.value).toBe('25');
  });

  it('tells of the labels of a Device', async () => {
    await hold(model, bytes(modelObject));
    const labelled = deviceObject() as { metadata: object };
    const labels = { hall: '3' };
    await hold(device, bytes({ ...labelled, metadata: { ...labelled.metadata, labels } }));
    await hold(device, bytes(deviceObject()));
    expect(relabelled).toEqual([
      [{}, labels],
      [labels, {}],
    ]);
  });

  it('begins anew with a Device that was deleted and made again', async () => {
    await hold(model, bytes(modelObject));
    await hold(device, bytes(deviceObject({ desired: { setpoint: '25' } })));
    await twins.update(thermo, (held) => held && withProperties(held, written(held.properties)));
    await hold(device, bytes(deviceObject({ uid: 'd-2' })));
    expect(twins.get(thermo)).toMatchObject({ uid: 'd-2', state: 'unknown' });
    expect(twins.get(thermo)?.properties.get('setpoint')).toEqual({
      type: 'FLOAT',
      declared: true,
    });
    expect(events).toEqual([]); // what was written to the Device that is gone went with it
  });

  it('forgets a Device that is gone', async () => {
    await hold(model, bytes(modelObject));
    await hold(device, bytes(deviceObject()));
    await hold(device);
    expect([reason(), twins.get(thermo)]).toEqual([undefined, undefined]);
  });

  it('changes nothing when nothing is new', async () => {
    await hold(model, bytes(modelObject));
    await hold(device, bytes(deviceObject()));
    const [twin, mapper] = [twins.get(thermo), roster.get(thermo)?.mapper];
    await hold(device, bytes(deviceObject()));
    expect(twins.get(thermo)).toBe(twin);
    expect(roster.get(thermo)?.mapper).toBe(mapper);
  });

  it('refuses an object that is none, and keeps what it had', async () => {
    await hold(model, bytes(modelObject));
    await hold(device, bytes(deviceObject()));
    await expect(hold(device, Buffer.from('{}'))).rejects.toThrow(MalformedDevice);
    expect(reason()).toBe('MapperRuns');
  });
});
