import { listAt, textAt, valueAt, type Json } from '../json.ts';
import { ageColumn, ageOf, cell, columnsOf, nameColumn, nameOf, type Printer } from './printer.ts';

export const persistentVolumePrinter: Printer = {
  columns: columnsOf('', 'PersistentVolume', [
    nameColumn,
    { name: 'Capacity', of: 'spec.capacity' },
    { name: 'Access Modes', of: 'spec.accessModes' },
    { name: 'Reclaim Policy', of: 'spec.persistentVolumeReclaimPolicy' },
    { name: 'Status', of: 'status.phase' },
    { name: 'Claim', of: 'spec.claimRef' },
    { name: 'StorageClass', description: 'StorageClass of the pv' },
    { name: 'VolumeAttributesClass', description: 'VolumeAttributesClass of the pv' },
    { name: 'Reason', of: 'status.reason' },
    ageColumn,
    { name: 'VolumeMode', of: 'spec.volumeMode', wide: true },
  ]),
  cells: (volume, now) => [
    nameOf(volume),
    cell(volume, 'spec.capacity.storage', '0'),
    accessModes(listAt(volume, 'spec', 'accessModes')),
    cell(volume, 'spec.persistentVolumeReclaimPolicy'),
    phase(volume),
    claim(volume),
    storageClass(volume),
    cell(volume, 'spec.volumeAttributesClassName', '<unset>'),
    cell(volume, 'status.reason'),
    ageOf(volume, now),
    cell(volume, 'spec.volumeMode', '<unset>'),
  ],
};

export const persistentVolumeClaimPrinter: Printer = {
  columns: columnsOf('', 'PersistentVolumeClaim', [
    nameColumn,
    { name: 'Status', of: 'status.phase' },
    { name: 'Volume', of: 'spec.volumeName' },
    { name: 'Capacity', of: 'status.capacity' },
    { name: 'Access Modes', of: 'status.accessModes' },
    { name: 'StorageClass', description: 'StorageClass of the pvc' },
    { name: 'VolumeAttributesClass', description: 'VolumeAttributesClass of the pvc' },
    ageColumn,
    { name: 'VolumeMode', of: 'spec.volumeMode', wide: true },
  ]),
  cells: (object, now) => {
    const isBound = cell(object, 'spec.volumeName') !== '';
    return [
      nameOf(object),
      phase(object),
      cell(object, 'spec.volumeName'),
      isBound ? cell(object, 'status.capacity.storage', '0') : '',
      isBound ? accessModes(listAt(object, 'status', 'accessModes')) : '',
      storageClass(object),
      cell(object, 'spec.volumeAttributesClassName', '<unset>'),
      ageOf(object, now),
      cell(object, 'spec.volumeMode', '<unset>'),
    ];
  },
};

function phase(object: Json): string {
  const isDeleted = valueAt(object, 'metadata', 'deletionTimestamp') !== undefined;
  return isDeleted ? 'Terminating' : cell(object, 'status.phase');
}

/** An annotation named it before there was a field. */
function storageClass(object: Json): string {
  const annotation = 'volume.beta.kubernetes.io/storage-class';
  return (
    textAt(object, 'metadata', 'annotations', annotation) ?? cell(object, 'spec.storageClassName')
  );
}

function claim(volume: Json): string {
  const name = cell(volume, 'spec.claimRef.name');
  return name === '' ? '' : `${cell(volume, 'spec.claimRef.namespace')}/${name}`;
}

const abbreviations: readonly (readonly [string, string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

function accessModes(modes: readonly Json[]): string {
  return abbreviations
    .filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(',');
}
