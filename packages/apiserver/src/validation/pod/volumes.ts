import { isObject, listAt, textAt, valueAt, type Json } from '../../json.ts';
import { forbidden, invalid, required, type FieldError } from '../field-error.ts';
import { configMapKey, dnsLabel, dnsSubdomain } from '../names.ts';
import { duplicates, each, optional, optionalText, requiredText, type Check } from '../rules.ts';
import { validateRelativePath } from './containers.ts';
import { validateFieldRef, volumeFields } from './environment.ts';

/** Checks the volumes of a pod. */
export function validateVolumes(spec: Json | undefined, path: string): FieldError[] {
  return [
    ...each(spec, path, 'volumes', (volume, at) => [
      ...requiredText(volume, at, 'name', dnsLabel),
      ...validateVolumeSource(volume, at),
    ]),
    ...duplicates(spec, path, 'volumes', 'name'),
  ];
}

/** Names that mounts may refer to. */
export function volumeNames(spec: Json | undefined): Set<string> {
  return new Set(listAt(spec, 'volumes').map((volume) => textAt(volume, 'name') ?? ''));
}

function validateVolumeSource(volume: Json, path: string): FieldError[] {
  const sources = isObject(volume) ? Object.keys(volume).filter((key) => key !== 'name') : [];
  const [first, ...others] = sources.filter((source) => isObject(valueAt(volume, source)));
  if (first === undefined) return [required(path, 'must specify a volume type')];
  const check = sourceChecks.get(first);
  return [
    ...(check ? optional(volume, path, first, check) : []),
    ...others.map((source) =>
      forbidden(`${path}.${source}`, 'may not specify more than 1 volume type'),
    ),
  ];
}

const sourceChecks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['hostPath', validateHostPath],
  [
    'configMap',
    (source, path) => [...requiredText(source, path, 'name'), ...validateFiles(source, path)],
  ],
  [
    'secret',
    (source, path) => [...requiredText(source, path, 'secretName'), ...validateFiles(source, path)],
  ],
  ['persistentVolumeClaim', (source, path) => requiredText(source, path, 'claimName')],
  ['nfs', validateNfs],
  ['csi', (source, path) => requiredText(source, path, 'driver')],
  ['downwardAPI', validateDownward],
  ['projected', validateProjected],
]);

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

function validateHostPath(source: Json, path: string): FieldError[] {
  const hostPath = textAt(source, 'path') ?? '';
  const type = textAt(source, 'type') ?? '';
  return [
    ...requiredText(source, path, 'path'),
    ...(hostPath.split('/').includes('..')
      ? [invalid(`${path}.path`, hostPath, "must not contain '..'")]
      : []),
    ...(hostPathTypes.includes(type)
      ? []
      : [invalid(`${path}.type`, type, `must be one of ${hostPathTypes.slice(1).join(', ')}`)]),
  ];
}

function validateNfs(source: Json, path: string): FieldError[] {
  const exported = textAt(source, 'path') ?? '';
  return [
    ...requiredText(source, path, 'server'),
    ...requiredText(source, path, 'path'),
    ...(exported === '' || exported.startsWith('/')
      ? []
      : [invalid(`${path}.path`, exported, 'must be an absolute path')]),
  ];
}

function validateFiles(source: Json, path: string): FieldError[] {
  return [
    ...validateMode(source, path, 'defaultMode'),
    ...each(source, path, 'items', (item, at) => [
      ...requiredText(item, at, 'key', configMapKey),
      ...validateFile(item, at),
    ]),
  ];
}

function validateFile(item: Json, path: string): FieldError[] {
  return [
    ...requiredText(item, path, 'path'),
    ...validateRelativePath(`${path}.path`, textAt(item, 'path') ?? ''),
    ...validateMode(item, path, 'mode'),
  ];
}

function validateMode(parent: Json, path: string, field: string): FieldError[] {
  return optional(parent, path, field, (mode, at) =>
    typeof mode === 'number' && mode >= 0 && mode <= 0o777
      ? []
      : [invalid(at, mode, 'must be a number between 0 and 0777 (octal), both inclusive')],
  );
}

function validateDownward(source: Json, path: string): FieldError[] {
  return [
    ...validateMode(source, path, 'defaultMode'),
    ...each(source, path, 'items', (item, at) => [
      ...validateFile(item, at),
      ...optional(item, at, 'fieldRef', (reference, field) =>
        validateFieldRef(reference, field, volumeFields),
      ),
    ]),
  ];
}

const projections: ReadonlyMap<string, Check> = new Map<string, Check>([
  [
    'secret',
    (source, path) => [
      ...requiredText(source, path, 'name', dnsSubdomain),
      ...validateFiles(source, path),
    ],
  ],
  [
    'configMap',
    (source, path) => [
      ...requiredText(source, path, 'name', dnsSubdomain),
      ...validateFiles(source, path),
    ],
  ],
  ['downwardAPI', validateDownward],
  ['serviceAccountToken', validateTokenProjection],
  ['clusterTrustBundle', (source, path) => requiredText(source, path, 'path')],
  ['podCertificate', (source, path) => optionalText(source, path, 'signerName', () => [])],
]);

function validateProjected(source: Json, path: string): FieldError[] {
  return [
    ...validateMode(source, path, 'defaultMode'),
    ...each(source, path, 'sources', (projection, at) =>
      [...projections].flatMap(([field, check]) => optional(projection, at, field, check)),
    ),
  ];
}

function validateTokenProjection(source: Json, path: string): FieldError[] {
  return [
    ...requiredText(source, path, 'path'),
    ...optional(source, path, 'expirationSeconds', (seconds, at) =>
      typeof seconds === 'number' && seconds < 600
        ? [invalid(at, seconds, 'may not specify a duration less than 10 minutes')]
        : [],
    ),
  ];
}
