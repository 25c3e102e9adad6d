import { deviceModels, devices, nodes } from '@skerry/cloudhub/kube/resource';
import { capacityOf } from '@skerry/edgecore/node/capacity';
import { pressureVerdicts, readiness, toConditions } from '@skerry/edgecore/node/node-conditions';
import { nodeReport, type NodeReport } from '@skerry/edgecore/node/node-status';
import { kubeTime } from '@skerry/shared/clock';
import { objectKey, type NodeName, type ObjectKey, type Uid } from '@skerry/shared/names';
import { skerryVersion } from '@skerry/shared/version';
import type { Manifest } from '../kube/manifest.ts';
import { loads, type Load } from './device-load.ts';

/** Where the devices are. */
export const namespace = 'default';
const apiVersion = 'devices.kubeedge.io/v1beta1';
const protocol = 'virtual';
/** Of every device: what it reports, and what can be asked of it. */
const [measured, asked] = ['value', 'setpoint'];

/** The machine that every simulated node pretends to be. */
const machine = {
  address: undefined,
  cpus: 1,
  memoryBytes: 1024 ** 3,
  memoryAvailableBytes: 1024 ** 3,
  diskBytes: 16 * 1024 ** 3,
  diskAvailableBytes: 16 * 1024 ** 3,
  inodes: 1e6,
  inodesAvailable: 1e6,
  threads: 100,
  maxThreads: 10_000,
  machineId: '',
  systemUuid: '',
  bootId: '',
  kernelVersion: '',
  osImage: 'skerry sim',
  osId: '',
  osVersion: '',
  architecture: 'amd64',
} as const;

/** What a simulated node says of itself; `since` is when the simulation began, both in epoch milliseconds. */
export function simulatedNode(node: NodeName, since: number, now: number): NodeReport {
  const verdicts = [...pressureVerdicts(new Map(), 0, now), readiness(new Map())];
  const conditions = toConditions(verdicts, toConditions(verdicts, [], since), now);
  const health = new Map<string, never>();
  const capacity = capacityOf(machine, { maxPods: 110 }, []);
  const resources = { facts: machine, capacity, allocatable: capacity, labels: {} };
  return nodeReport({
    node,
    version: skerryVersion,
    volumesDir: '/var/lib/skerry/edgecore/volumes',
    resources,
    health,
    conditions,
  });
}

export function nodeKey(node: NodeName): ObjectKey {
  return objectKey(nodes.name, '', node);
}

export function deviceKey(name: string): ObjectKey {
  return objectKey(devices.name, namespace, name);
}

export function modelKey(name: string): ObjectKey {
  return objectKey(deviceModels.name, namespace, name);
}

export function isDevice(key: ObjectKey): boolean {
  return key.startsWith(`${devices.name}/`);
}

/** A model of devices whose values change like that: they would on a real node, too. */
export function modelManifest(name: string, load: Load): Manifest {
  const visitors = { protocolName: protocol, configData: loads[load] };
  return {
    apiVersion,
    kind: 'DeviceModel',
    metadata: { name, namespace },
    spec: {
      protocol,
      properties: [
        { name: measured, type: 'DOUBLE', accessMode: 'ReadOnly', visitors },
        { name: asked, type: 'INT', accessMode: 'ReadWrite' },
      ],
    },
  };
}

/** A device at a node, described by the model of that name. */
export function deviceManifest(name: string, node: NodeName, model: string): Manifest {
  return {
    apiVersion,
    kind: 'Device',
    metadata: { name, namespace },
    spec: {
      deviceModelRef: { name: model },
      nodeName: node,
      protocol: { protocolName: protocol },
      properties: propertiesOf(0),
    },
  };
}

/** A merge patch that asks something of a device. */
export function desiredPatch(value: number): object {
  return { spec: { properties: propertiesOf(value) } };
}

/** A merge patch replaces the whole list. */
function propertiesOf(desired: number): readonly object[] {
  return [{ name: measured }, { name: asked, desired: { value: String(desired) } }];
}

/** What a node says of one of its devices. */
export function deviceReport(uid: Uid, value: string, now: number): object {
  const reported = { value, metadata: { timestamp: String(now), type: 'double' } };
  const status = {
    twins: [{ propertyName: measured, reported }],
    state: 'online',
    lastOnlineTime: kubeTime(now),
  };
  return { uid, status };
}
