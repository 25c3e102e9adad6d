import { listAt, textAt, valueAt, type Json } from '../json.ts';
import { humanDuration } from './age.ts';
import {
  ageColumn,
  ageOf,
  cell,
  columnsOf,
  count,
  nameColumn,
  nameOf,
  selectorCell,
  text,
  type Printer,
} from './printer.ts';

/** How many ports or endpoints a cell shows. */
const shown = 3;

export const priorityClassPrinter: Printer = {
  columns: columnsOf('scheduling.k8s.io', 'PriorityClass', [
    nameColumn,
    { name: 'Value', type: 'integer', of: 'value' },
    { name: 'Global-Default', type: 'boolean', of: 'globalDefault' },
    ageColumn,
    { name: 'PreemptionPolicy', of: 'preemptionPolicy' },
  ]),
  cells: (priority, now) => [
    nameOf(priority),
    count(priority, 'value'),
    valueAt(priority, 'globalDefault') === true,
    ageOf(priority, now),
    cell(priority, 'preemptionPolicy'),
  ],
};

export const runtimeClassPrinter: Printer = {
  columns: columnsOf('node.k8s.io', 'RuntimeClass', [nameColumn, { name: 'Handler' }, ageColumn]),
  cells: (runtime, now) => [nameOf(runtime), cell(runtime, 'handler'), ageOf(runtime, now)],
};

/** Annotations that say which class is the default, today's and the first one. */
const defaultMarks = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

export const storageClassPrinter: Printer = {
  columns: columnsOf('storage.k8s.io', 'StorageClass', [
    nameColumn,
    { name: 'Provisioner', of: 'provisioner' },
    { name: 'ReclaimPolicy', of: 'reclaimPolicy' },
    { name: 'VolumeBindingMode', of: 'volumeBindingMode' },
    { name: 'AllowVolumeExpansion', of: 'allowVolumeExpansion' },
    ageColumn,
  ]),
  cells: (storage, now) => {
    const annotations = valueAt(storage, 'metadata', 'annotations');
    const isDefault = defaultMarks.some((mark) => valueAt(annotations, mark) === 'true');
    return [
      isDefault ? `${text(nameOf(storage))} (default)` : nameOf(storage),
      cell(storage, 'provisioner'),
      cell(storage, 'reclaimPolicy', 'Delete'),
      cell(storage, 'volumeBindingMode', 'Immediate'),
      valueAt(storage, 'allowVolumeExpansion') === true,
      ageOf(storage, now),
    ];
  },
};

export const networkPolicyPrinter: Printer = {
  columns: columnsOf('networking.k8s.io', 'NetworkPolicy', [
    nameColumn,
    { name: 'Pod-Selector', of: 'spec.podSelector' },
    ageColumn,
  ]),
  cells: (policy, now) => [
    nameOf(policy),
    selectorCell(valueAt(policy, 'spec', 'podSelector')),
    ageOf(policy, now),
  ],
};

export const endpointSlicePrinter: Printer = {
  columns: columnsOf('discovery.k8s.io', 'EndpointSlice', [
    nameColumn,
    { name: 'AddressType', of: 'addressType' },
    { name: 'Ports', of: 'ports' },
    { name: 'Endpoints', of: 'endpoints' },
    ageColumn,
  ]),
  cells: (slice, now) => [
    nameOf(slice),
    cell(slice, 'addressType'),
    some(
      listAt(slice, 'ports').map((port) => portOf(port)),
      '<unset>',
    ),
    some(
      listAt(slice, 'endpoints').flatMap((endpoint) => listAt(endpoint, 'addresses').map(text)),
      '<unset>',
    ),
    ageOf(slice, now),
  ],
};

function portOf(port: Json): string {
  const number = valueAt(port, 'port');
  return typeof number === 'number' ? String(number) : (textAt(port, 'name') ?? '*');
}

function some(items: readonly string[], none: string): string {
  if (items.length === 0) return none;
  const more = items.length > shown ? ` + ${items.length - shown} more...` : '';
  return items.slice(0, shown).join(',') + more;
}

export const signingRequestPrinter: Printer = {
  columns: columnsOf('certificates.k8s.io', 'CertificateSigningRequest', [
    nameColumn,
    ageColumn,
    { name: 'SignerName', of: 'spec.signerName' },
    { name: 'Requestor', of: 'spec.request' },
    { name: 'RequestedDuration', of: 'spec.expirationSeconds' },
    { name: 'Condition', of: 'status.conditions' },
  ]),
  cells: (request, now) => [
    nameOf(request),
    ageOf(request, now),
    cell(request, 'spec.signerName', '<none>'),
    cell(request, 'spec.username'),
    duration(valueAt(request, 'spec', 'expirationSeconds')),
    conditionOf(request),
  ],
};

function duration(seconds: Json | undefined): string {
  return typeof seconds === 'number' ? humanDuration(seconds * 1000) : '<none>';
}

function conditionOf(request: Json): string {
  const types = listAt(request, 'status', 'conditions').map((one) => textAt(one, 'type') ?? '');
  const said = ['Denied', 'Approved'].find((type) => types.includes(type)) ?? 'Pending';
  return [
    said,
    ...(types.includes('Failed') ? ['Failed'] : []),
    ...(cell(request, 'status.certificate') === '' ? [] : ['Issued']),
  ].join(',');
}
