/** The devices' room of an agent as a process of its own: `node device-room.ts <directory> <port>`. */
import { join } from 'node:path';
import { deviceId, deviceKey, deviceModelKey } from '@skerry/edgecore/devices/device-id';
import { EmbeddedBus } from '@skerry/edgecore/devices/embedded-bus';
import { defaultHistoryPolicy } from '@skerry/edgecore/devices/history';
import { runDevices } from '@skerry/edgecore/devices/run-devices';
import { ReportOutbox } from '@skerry/edgecore/link/report-outbox';
import { defaultReportPolicies } from '@skerry/edgecore/link/report-policy';
import { MetaStore } from '@skerry/edgecore/meta/meta-store';
import { systemClock, systemRandom } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { nodeName, uid, version, type ObjectKey } from '@skerry/shared/names';
import { openStore } from '@skerry/shared/store';
import { WorkQueue } from '@skerry/shared/workqueue';

/** So many devices, each with one topic. */
export const devices = 100;

export function topicOf(device: number): string {
  return `meter/${device}`;
}

const model = {
  metadata: { name: 'meter', uid: 'm' },
  spec: {
    protocol: 'mqtt',
    properties: [{ name: 'value', type: 'INT', accessMode: 'ReadOnly' }],
  },
};

function meter(device: number): object {
  const configData = { topic: topicOf(device), jsonPath: '$.value', timestampPath: '$.ts' };
  return {
    metadata: { name: `meter-${device}`, namespace: 'default', uid: `d-${device}`, generation: 1 },
    spec: {
      deviceModelRef: { name: 'meter' },
      nodeName: 'edge-1',
      protocol: { protocolName: 'mqtt' },
      properties: [{ name: 'value', visitors: { configData } }],
    },
  };
}

async function run(directory: string, port: number): Promise<void> {
  const clock = systemClock;
  const store = await openStore(join(directory, 'meta'), {
    whenCorrupt: 'fail',
    now: () => clock.now(),
  });
  const meta = await MetaStore.open(store);
  const put = (key: ObjectKey, object: object, at: number): Promise<void> => {
    const bytes = Buffer.from(JSON.stringify(object));
    const change = { key, uid: uid('u'), version: version(String(at)), object: bytes };
    return meta.apply([change]).durable;
  };
  await put(deviceModelKey('default', 'meter'), model, 1);
  await Promise.all(
    Array.from({ length: devices }, (_, i) =>
      put(deviceKey(deviceId('default', `meter-${i}`)), meter(i), i + 2),
    ),
  );
  const onDropped = (): void => undefined;
  const policies = defaultReportPolicies;
  const reporter = await ReportOutbox.open({ store, policies, clock, onDropped });
  const parts = { clock, log: silentLog, metrics: noMetrics };
  const bus = new EmbeddedBus({ host: '127.0.0.1', port, ...parts });
  const room = { node: nodeName('edge-1'), objects: meta, dirty: new WorkQueue<ObjectKey>() };
  const kept = { reporter, store, bus, history: defaultHistoryPolicy };
  await runDevices(
    { ...room, ...kept, ...parts, random: systemRandom },
    new AbortController().signal,
  );
}

const [, program, directory, port] = process.argv;
if (program === import.meta.filename && directory !== undefined) await run(directory, Number(port));
