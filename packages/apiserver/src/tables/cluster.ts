import { isObject, listAt, objectAt, textAt, valueAt, type Json } from '../json.ts';
import { since } from './age.ts';
import {
  ageColumn,
  ageOf,
  cell,
  columnsOf,
  count,
  nameColumn,
  nameOf,
  type Printer,
} from './printer.ts';

/** Nodes: their condition in a word. */
export const nodePrinter: Printer = {
  columns: columnsOf('', 'Node', [
    nameColumn,
    { name: 'Status', description: 'The status of the node' },
    { name: 'Roles', description: 'The roles of the node' },
    ageColumn,
    { name: 'Version', of: 'status.nodeInfo.kubeletVersion' },
    { name: 'Internal-IP', of: 'status.addresses', wide: true },
    { name: 'External-IP', of: 'status.addresses', wide: true },
    { name: 'OS-Image', of: 'status.nodeInfo.osImage', wide: true },
    { name: 'Kernel-Version', of: 'status.nodeInfo.kernelVersion', wide: true },
    { name: 'Container-Runtime', of: 'status.nodeInfo.containerRuntimeVersion', wide: true },
  ]),
  cells: (node, now) => [
    nameOf(node),
    nodeStatus(node),
    nodeRoles(node),
    ageOf(node, now),
    cell(node, 'status.nodeInfo.kubeletVersion'),
    nodeAddress(node, 'InternalIP'),
    nodeAddress(node, 'ExternalIP'),
    cell(node, 'status.nodeInfo.osImage', '<unknown>'),
    kernel(node),
    cell(node, 'status.nodeInfo.containerRuntimeVersion', '<unknown>'),
  ],
};

function nodeStatus(node: Json): string {
  const ready = listAt(node, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready');
  const status = textAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady';
  const words = [ready === undefined ? 'Unknown' : status];
  if (valueAt(node, 'spec', 'unschedulable') === true) words.push('SchedulingDisabled');
  return words.join(',');
}

function nodeRoles(node: Json): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.entries(objectAt(node, 'metadata', 'labels') ?? {}).flatMap(
    ([key, value]) => {
      if (key.startsWith(prefix) && key !== prefix) return [key.slice(prefix.length)];
      return key === 'kubernetes.io/role' && typeof value === 'string' && value !== ''
        ? [value]
        : [];
    },
  );
  return roles.length === 0 ? '<none>' : [...new Set(roles)].sort().join(',');
}

function nodeAddress(node: Json, type: string): string {
  const address = listAt(node, 'status', 'addresses').find((one) => textAt(one, 'type') === type);
  return textAt(address, 'address') ?? '<none>';
}

function kernel(node: Json): string {
  const version = cell(node, 'status.nodeInfo.kernelVersion', '<unknown>');
  const architecture = cell(node, 'status.nodeInfo.architecture');
  return architecture === '' ? version : `${version} (${architecture})`;
}

export const namespacePrinter: Printer = {
  columns: columnsOf('', 'Namespace', [
    nameColumn,
    { name: 'Status', description: 'The status of the namespace' },
    ageColumn,
  ]),
  cells: (namespace, now) => [
    nameOf(namespace),
    cell(namespace, 'status.phase'),
    ageOf(namespace, now),
  ],
};

export const leasePrinter: Printer = {
  columns: columnsOf('coordination.k8s.io', 'Lease', [
    nameColumn,
    { name: 'Holder', of: 'spec.holderIdentity' },
    ageColumn,
  ]),
  cells: (lease, now) => [nameOf(lease), cell(lease, 'spec.holderIdentity'), ageOf(lease, now)],
};

export const eventPrinter: Printer = {
  columns: columnsOf('', 'Event', [
    { name: 'Last Seen', of: 'lastTimestamp' },
    { name: 'Type', of: 'type' },
    { name: 'Reason', of: 'reason' },
    { name: 'Object', of: 'involvedObject' },
    { name: 'Subobject', of: 'involvedObject.fieldPath', wide: true },
    { name: 'Source', of: 'source', wide: true },
    { name: 'Message', of: 'message' },
    { name: 'First Seen', of: 'firstTimestamp', wide: true },
    { name: 'Count', of: 'count', wide: true },
    { ...nameColumn, wide: true },
  ]),
  cells: (event, now) => {
    const times = eventTimes(event);
    return [
      since(times.last, now),
      cell(event, 'type'),
      cell(event, 'reason'),
      eventObject(event),
      cell(event, 'involvedObject.fieldPath'),
      eventSource(event),
      cell(event, 'message').trim(),
      since(times.first, now),
      eventCount(event),
      nameOf(event),
    ];
  },
};

function eventTimes(event: Json): { first: Json | undefined; last: Json | undefined } {
  const once = valueAt(event, 'eventTime');
  const first = valueAt(event, 'firstTimestamp') ?? once;
  const series = valueAt(event, 'series', 'lastObservedTime');
  return { first, last: series ?? valueAt(event, 'lastTimestamp') ?? first };
}

function eventObject(event: Json): string {
  const kind = cell(event, 'involvedObject.kind').toLowerCase();
  const name = cell(event, 'involvedObject.name');
  return name === '' ? kind : `${kind}/${name}`;
}

function eventSource(event: Json): string {
  const component = cell(event, 'source.component') || cell(event, 'reportingComponent');
  const host = cell(event, 'source.host') || cell(event, 'reportingInstance');
  return host === '' ? component : `${component}, ${host}`;
}

function eventCount(event: Json): number {
  if (isObject(valueAt(event, 'series'))) return count(event, 'series.count');
  return Math.max(count(event, 'count'), 1);
}
