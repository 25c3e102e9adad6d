import { isIP } from 'node:net';
import { listAt, objectAt, sameJson, textAt, valueAt, type Json } from '../json.ts';
import {
  duplicate,
  forbidden,
  invalid,
  required,
  tooMany,
  type FieldError,
} from './field-error.ts';
import { validateSelector } from './metadata.ts';
import { dnsLabel, qualifiedName } from './names.ts';
import { each, isPort, oneOf, optional, optionalOneOf, portRange, requiredText } from './rules.ts';

/** Priorities above it are those of the system. */
const highestPriority = 1_000_000_000;
const systemPrefix = 'system-';

export function validatePriorityClass(object: Json): FieldError[] {
  const value = valueAt(object, 'value');
  const name = textAt(object, 'metadata', 'name') ?? '';
  const isSystem = name.startsWith(systemPrefix);
  return [
    ...(typeof value === 'number' && value > highestPriority && !isSystem
      ? [
          forbidden(
            'value',
            `maximum allowed value of a user defined priority is ${highestPriority}`,
          ),
        ]
      : []),
    ...optionalOneOf(object, '', 'preemptionPolicy', ['PreemptLowerPriority', 'Never']).map(rooted),
  ];
}

export function validatePriorityClassUpdate(object: Json, held: Json): FieldError[] {
  return [
    ...unchanged(object, held, 'value', 'may not be changed in an update.'),
    ...unchanged(object, held, 'preemptionPolicy', 'field is immutable'),
  ];
}

export function validateRuntimeClass(object: Json): FieldError[] {
  return requiredText(object, '', 'handler', dnsLabel).map(rooted);
}

export function validateRuntimeClassUpdate(object: Json, held: Json): FieldError[] {
  return unchanged(object, held, 'handler', 'field is immutable');
}

export function validateStorageClass(object: Json): FieldError[] {
  return [
    ...requiredText(object, '', 'provisioner', (value) => qualifiedName(value.toLowerCase())),
    ...optionalOneOf(object, '', 'reclaimPolicy', ['Delete', 'Retain']),
    ...optionalOneOf(object, '', 'volumeBindingMode', ['Immediate', 'WaitForFirstConsumer']),
  ].map(rooted);
}

/** What its volumes were made with stays as it was. */
export function validateStorageClassUpdate(object: Json, held: Json): FieldError[] {
  return ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'].flatMap((field) =>
    unchanged(object, held, field, 'updates to ' + field + ' are forbidden.'),
  );
}

export function validateNetworkPolicy(object: Json): FieldError[] {
  const spec = objectAt(object, 'spec');
  return [
    ...validateSelector('spec.podSelector', valueAt(spec, 'podSelector') ?? {}),
    ...each(spec, 'spec', 'ingress', (rule, path) => policyRule(rule, path, 'from')),
    ...each(spec, 'spec', 'egress', (rule, path) => policyRule(rule, path, 'to')),
    ...each(spec, 'spec', 'policyTypes', (type, path) =>
      oneOf({ type }, path, 'type', ['Ingress', 'Egress']).map((error) => ({
        ...error,
        field: path,
      })),
    ),
  ];
}

function policyRule(rule: Json, path: string, peers: 'from' | 'to'): FieldError[] {
  return [
    ...each(rule, path, 'ports', (port, at) => [
      ...optionalOneOf(port, at, 'protocol', ['TCP', 'UDP', 'SCTP']),
      ...optional(port, at, 'port', (value, field) =>
        typeof value === 'number' && !isPort(value) ? [invalid(field, value, portRange)] : [],
      ),
    ]),
    ...each(rule, path, peers, policyPeer),
  ];
}

function policyPeer(peer: Json, path: string): FieldError[] {
  const kinds = ['podSelector', 'namespaceSelector', 'ipBlock'];
  const said = kinds.filter((kind) => objectAt(peer, kind) !== undefined);
  if (said.length === 0) return [required(path, 'must specify a peer')];
  if (said.includes('ipBlock') && said.length > 1)
    return [forbidden(path, 'may not specify both ipBlock and another peer')];
  return [
    ...said
      .filter((kind) => kind !== 'ipBlock')
      .flatMap((kind) => validateSelector(`${path}.${kind}`, valueAt(peer, kind) ?? {})),
    ...(said.includes('ipBlock') ? addressBlock(objectAt(peer, 'ipBlock'), `${path}.ipBlock`) : []),
  ];
}

function addressBlock(block: Json | undefined, path: string): FieldError[] {
  const range = textAt(block, 'cidr') ?? '';
  if (range === '') return [required(`${path}.cidr`)];
  return [
    ...(isRange(range) ? [] : [invalid(`${path}.cidr`, range, 'not a valid CIDR')]),
    ...each(block, path, 'except', (except, at) =>
      typeof except === 'string' && !isRange(except)
        ? [invalid(at, except, 'not a valid CIDR')]
        : [],
    ),
  ];
}

function isRange(text: string): boolean {
  const [address = '', bits = '', ...beyond] = text.split('/');
  const most = { 4: 32, 6: 128 }[isIP(address)];
  return most !== undefined && /^\d+$/.test(bits) && Number(bits) <= most && beyond.length === 0;
}

const mostEndpoints = 1_000;

export function validateEndpointSlice(object: Json): FieldError[] {
  const type = textAt(object, 'addressType') ?? '';
  const endpoints = listAt(object, 'endpoints');
  const version = { IPv4: 4, IPv6: 6 }[type];
  return [
    ...oneOf(object, '', 'addressType', ['FQDN', 'IPv4', 'IPv6']).map(rooted),
    ...(endpoints.length > mostEndpoints
      ? [tooMany('endpoints', endpoints.length, mostEndpoints)]
      : []),
    ...endpoints.flatMap((endpoint, index) => [
      ...(listAt(endpoint, 'addresses').length === 0
        ? [required(`endpoints[${index}].addresses`, 'must contain at least 1 address')]
        : []),
      ...each(endpoint, `endpoints[${index}]`, 'addresses', (address, at) =>
        version !== undefined && (typeof address !== 'string' || isIP(address) !== version)
          ? [invalid(at, address, `must be an ${type} address`)]
          : [],
      ),
    ]),
    ...portErrors(object),
  ];
}

function portErrors(object: Json): FieldError[] {
  const names = listAt(object, 'ports').map((port) => textAt(port, 'name') ?? '');
  return each(object, '', 'ports', (port, at) => {
    const name = textAt(port, 'name') ?? '';
    const first = names.indexOf(name);
    return [
      ...(at.endsWith(`[${first}]`) ? [] : [duplicate(`${at}.name`, name)]),
      ...optionalOneOf(port, at, 'protocol', ['TCP', 'UDP', 'SCTP']),
    ];
  }).map(rooted);
}

export function validateEndpointSliceUpdate(object: Json, held: Json): FieldError[] {
  return unchanged(object, held, 'addressType', 'field is immutable');
}

export function validateSigningRequest(object: Json): FieldError[] {
  const spec = objectAt(object, 'spec');
  const signer = textAt(spec, 'signerName') ?? '';
  const seconds = valueAt(spec, 'expirationSeconds');
  return [
    ...(/^[^/\s]+\.[^/\s]+\/\S+$/.test(signer)
      ? []
      : [
          invalid(
            'spec.signerName',
            signer,
            'must be a fully qualified domain and path of the form "example.com/signer-name"',
          ),
        ]),
    ...(listAt(spec, 'usages').length === 0 ? [required('spec.usages')] : []),
    ...(typeof seconds === 'number' && seconds < 600
      ? [
          invalid(
            'spec.expirationSeconds',
            seconds,
            'may not specify a duration less than 600 seconds (10 minutes)',
          ),
        ]
      : []),
    ...conditionErrors(object),
  ];
}

function conditionErrors(object: Json): FieldError[] {
  const types = listAt(object, 'status', 'conditions').map((one) => textAt(one, 'type'));
  const both = types.includes('Approved') && types.includes('Denied');
  return both
    ? [
        invalid(
          'status.conditions',
          'Denied',
          'Approved and Denied conditions are mutually exclusive',
        ),
      ]
    : [];
}

export function validateSigningRequestUpdate(object: Json, held: Json): FieldError[] {
  const said = (request: Json): readonly string[] =>
    listAt(request, 'status', 'conditions').flatMap((one) => {
      const type = textAt(one, 'type') ?? '';
      return type === 'Approved' || type === 'Denied' ? [type] : [];
    });
  const lost = said(held).find((type) => !said(object).includes(type));
  const certificate = textAt(held, 'status', 'certificate') ?? '';
  return [
    ...(lost === undefined
      ? []
      : [forbidden('status.conditions', `updates may not remove a condition of type "${lost}"`)]),
    ...(certificate === '' || certificate === textAt(object, 'status', 'certificate')
      ? []
      : [forbidden('status.certificate', 'updates may not change certificate once it is set')]),
  ];
}

function unchanged(object: Json, held: Json, field: string, detail: string): FieldError[] {
  return sameJson(valueAt(object, field), valueAt(held, field)) ? [] : [forbidden(field, detail)];
}

/** Fields at the top have no parent in front. */
function rooted(error: FieldError): FieldError {
  return { ...error, field: error.field.replace(/^\./, '') };
}
