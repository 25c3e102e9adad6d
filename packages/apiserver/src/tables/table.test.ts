import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listAt, type Json, type JsonObject } from '../json.ts';
import { toTable, type TableOptions } from './table.ts';

const start = '2026-01-01T00:00:00Z';
const now = Date.parse('2026-01-01T00:05:00Z');

function rows(
  group: string,
  kind: string,
  object: Json,
  options: Partial<TableOptions> = {},
): Json[] {
  return listAt(toTable({ group, kind }, [object], { now, ...options }), 'rows');
}

function cells(group: string, kind: string, object: Json, options?: Partial<TableOptions>): Json {
  return (rows(group, kind, object, options)[0] as JsonObject)['cells']!;
}

function pod(spec: JsonObject, status: JsonObject, metadata: JsonObject = {}): Json {
  return { metadata: { name: 'web', creationTimestamp: start, ...metadata }, spec, status };
}

const running: JsonObject = { name: 'c', ready: true, restartCount: 0, state: { running: {} } };
const one: JsonObject = { containers: [{ name: 'c' }] };

describe('toTable of pods', () => {
  it('shows a pod that has been restarted', () => {
    const status = {
      phase: 'Running',
      podIPs: [{ ip: '10.1.0.1' }],
      containerStatuses: [
        {
          ...running,
          restartCount: 2,
          lastState: { terminated: { finishedAt: '2026-01-01T00:00:02Z' } },
        },
      ],
    };
    expect(cells('', 'Pod', pod({ ...one, nodeName: 'golden-node' }, status))).toEqual([
      'web',
      '1/1',
      'Running',
      '2 (4m58s ago)',
      '5m',
      '10.1.0.1',
      'golden-node',
      '<none>',
      '<none>',
    ]);
  });

  it.each<[string, Json, string[]]>([
    ['pending', pod(one, { phase: 'Pending' }), ['0/1', 'Pending', '0']],
    ['evicted', pod(one, { phase: 'Failed', reason: 'Evicted' }), ['0/1', 'Evicted', '0']],
    [
      'held back',
      pod(one, {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', reason: 'SchedulingGated' }],
      }),
      ['0/1', 'SchedulingGated', '0'],
    ],
    [
      'crashing',
      pod(one, {
        phase: 'Running',
        containerStatuses: [
          { name: 'c', restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } } },
        ],
      }),
      ['0/1', 'CrashLoopBackOff', '3'],
    ],
    [
      'creating',
      pod(one, {
        phase: 'Pending',
        containerStatuses: [{ name: 'c', state: { waiting: { reason: 'ContainerCreating' } } }],
      }),
      ['0/1', 'ContainerCreating', '0'],
    ],
    [
      'complete',
      pod(one, {
        phase: 'Succeeded',
        containerStatuses: [{ name: 'c', state: { terminated: { reason: 'Completed' } } }],
      }),
      ['0/1', 'Completed', '0'],
    ],
    [
      'ended without a word',
      pod(one, {
        phase: 'Failed',
        containerStatuses: [{ name: 'c', state: { terminated: { exitCode: 3 } } }],
      }),
      ['0/1', 'ExitCode:3', '0'],
    ],
    [
      'killed',
      pod(one, {
        phase: 'Failed',
        containerStatuses: [{ name: 'c', state: { terminated: { exitCode: 137, signal: 9 } } }],
      }),
      ['0/1', 'Signal:9', '0'],
    ],
    [
      'half done',
      pod(
        { containers: [{ name: 'a' }, { name: 'b' }] },
        {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'True' }],
          containerStatuses: [
            { name: 'a', state: { terminated: { reason: 'Completed' } } },
            running,
          ],
        },
      ),
      ['1/2', 'Running', '0'],
    ],
    [
      'half done and not ready',
      pod(
        { containers: [{ name: 'a' }, { name: 'b' }] },
        {
          phase: 'Running',
          containerStatuses: [
            { name: 'a', state: { terminated: { reason: 'Completed' } } },
            running,
          ],
        },
      ),
      ['1/2', 'NotReady', '0'],
    ],
    [
      'initialising',
      pod(
        { ...one, initContainers: [{ name: 'i' }, { name: 'j' }] },
        {
          phase: 'Pending',
          initContainerStatuses: [
            { name: 'i', restartCount: 1, state: { terminated: { exitCode: 0 } } },
            { name: 'j', state: { waiting: { reason: 'PodInitializing' } } },
          ],
        },
      ),
      ['0/1', 'Init:1/2', '1'],
    ],
    [
      'failing to initialise',
      pod(
        { ...one, initContainers: [{ name: 'i' }] },
        {
          phase: 'Pending',
          initContainerStatuses: [
            { name: 'i', restartCount: 4, state: { waiting: { reason: 'CrashLoopBackOff' } } },
          ],
        },
      ),
      ['0/1', 'Init:CrashLoopBackOff', '4'],
    ],
    [
      'failed to initialise',
      pod(
        { ...one, initContainers: [{ name: 'i' }] },
        {
          phase: 'Failed',
          initContainerStatuses: [
            { name: 'i', state: { terminated: { exitCode: 2, reason: 'Error' } } },
          ],
        },
      ),
      ['0/1', 'Init:Error', '0'],
    ],
    [
      'with a sidecar',
      pod(
        { ...one, initContainers: [{ name: 's', restartPolicy: 'Always' }] },
        {
          phase: 'Running',
          initContainerStatuses: [
            { name: 's', ready: true, started: true, restartCount: 1, state: { running: {} } },
          ],
          containerStatuses: [running],
        },
      ),
      ['2/2', 'Running', '1'],
    ],
    [
      'being deleted',
      pod(one, { phase: 'Running', containerStatuses: [running] }, { deletionTimestamp: start }),
      ['1/1', 'Terminating', '0'],
    ],
    [
      'deleted on a lost node',
      pod(
        one,
        { phase: 'Running', reason: 'NodeLost', containerStatuses: [running] },
        { deletionTimestamp: start },
      ),
      ['1/1', 'Unknown', '0'],
    ],
  ])('shows a pod that is %s', (_state, object, expected) => {
    expect((cells('', 'Pod', object) as Json[]).slice(1, 4)).toEqual(expected);
  });

  it('counts readiness gates', () => {
    const gated = pod(
      { ...one, readinessGates: [{ conditionType: 'a' }, { conditionType: 'b' }] },
      { conditions: [{ type: 'b', status: 'True' }] },
    );
    expect((cells('', 'Pod', gated) as Json[]).at(-1)).toBe('1/2');
  });

  it('marks the row of a pod that has ended', () => {
    const [row] = rows('', 'Pod', pod(one, { phase: 'Succeeded' }));
    expect((row as JsonObject)['conditions']).toEqual([
      {
        type: 'Completed',
        status: 'True',
        reason: 'Succeeded',
        message: 'The pod has completed successfully.',
      },
    ]);
  });

  it('describes its columns as its fields are', () => {
    const table = toTable({ group: '', kind: 'Pod' }, [], { now });
    const headings = listAt(table, 'columnDefinitions') as JsonObject[];
    expect(headings[4]?.['description']).toContain('is in UTC.\n\nPopulated by the system.');
    expect(headings[5]?.['description']).toBe(
      'podIP address allocated to the pod. Routable at least within the cluster. Empty if not yet allocated.',
    );
  });
});

describe('toTable of other kinds', () => {
  const meta = { name: 'x', namespace: 'd', creationTimestamp: start };

  it.each<[string, string, JsonObject, Json[]]>([
    ['', 'ConfigMap', { data: { a: '1' }, binaryData: { b: '' } }, ['x', 2, '5m']],
    ['', 'Secret', { type: 'Opaque', data: { token: '' } }, ['x', 'Opaque', 1, '5m']],
    ['', 'ServiceAccount', {}, ['x', 0, '5m']],
    ['', 'Namespace', { status: { phase: 'Active' } }, ['x', 'Active', '5m']],
    ['coordination.k8s.io', 'Lease', { spec: { holderIdentity: 'me' } }, ['x', 'me', '5m']],
    [
      '',
      'Node',
      {
        metadata: {
          ...meta,
          labels: { 'node-role.kubernetes.io/edge': '', 'kubernetes.io/role': 'a' },
        },
        spec: { unschedulable: true },
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
          nodeInfo: {
            kubeletVersion: 'v1.36.0',
            osImage: 'Debian',
            kernelVersion: '6.1.0',
            architecture: 'amd64',
            containerRuntimeVersion: 'docker://20.10.24',
          },
        },
      },
      [
        'x',
        'Ready,SchedulingDisabled',
        'a,edge',
        '5m',
        'v1.36.0',
        '10.0.0.1',
        '<none>',
        'Debian',
        '6.1.0 (amd64)',
        'docker://20.10.24',
      ],
    ],
    [
      '',
      'Event',
      {
        type: 'Normal',
        reason: 'Started',
        message: 'm\n',
        count: 1,
        firstTimestamp: start,
        lastTimestamp: start,
        involvedObject: { kind: 'Pod', name: 'web', fieldPath: 'spec.containers{c}' },
        source: { component: 'edgecore', host: 'n' },
      },
      [
        '5m',
        'Normal',
        'Started',
        'pod/web',
        'spec.containers{c}',
        'edgecore, n',
        'm',
        '5m',
        1,
        'x',
      ],
    ],
    [
      'apps',
      'Deployment',
      {
        spec: {
          replicas: 2,
          selector: { matchLabels: { app: 'app' } },
          template: { spec: { containers: [{ name: 'c', image: 'i' }] } },
        },
        status: { updatedReplicas: 2 },
      },
      ['x', '0/2', 2, 0, '5m', 'c', 'i', 'app=app'],
    ],
    [
      'apps',
      'DaemonSet',
      { spec: { template: { spec: { nodeSelector: { nowhere: 'true' } } } } },
      ['x', 0, 0, 0, 0, 0, 'nowhere=true', '5m', '', '', '<none>'],
    ],
    [
      'apps',
      'StatefulSet',
      { spec: { replicas: 3 }, status: { readyReplicas: 1 } },
      ['x', '1/3', '5m', '', ''],
    ],
    [
      'apps',
      'ControllerRevision',
      {
        metadata: {
          ...meta,
          ownerReferences: [
            { controller: true, apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent' },
          ],
        },
        revision: 2,
      },
      ['x', 'daemonset.apps/agent', 2, '5m'],
    ],
    [
      'batch',
      'Job',
      { spec: { completions: 1 }, status: { startTime: start } },
      ['x', 'Running', '0/1', '5m', '5m', '', '', '<none>'],
    ],
    [
      'batch',
      'Job',
      {
        spec: { parallelism: 3 },
        status: {
          succeeded: 1,
          startTime: start,
          completionTime: '2026-01-01T00:00:09Z',
          conditions: [{ type: 'Complete', status: 'True' }],
        },
      },
      ['x', 'Complete', '1/1 of 3', '9s', '5m', '', '', '<none>'],
    ],
    [
      'batch',
      'CronJob',
      { spec: { schedule: '0 3 * * *', suspend: false } },
      ['x', '0 3 * * *', '<none>', 'False', 0, '<none>', '5m', '', '', '<none>'],
    ],
    [
      '',
      'Service',
      {
        spec: {
          type: 'ClusterIP',
          clusterIP: 'None',
          ports: [{ port: 80, protocol: 'TCP' }],
          selector: { app: 'web' },
        },
      },
      ['x', 'ClusterIP', 'None', '<none>', '80/TCP', '5m', 'app=web'],
    ],
    [
      '',
      'Service',
      { spec: { type: 'LoadBalancer', ports: [{ port: 80, nodePort: 30000, protocol: 'TCP' }] } },
      ['x', 'LoadBalancer', '<none>', '<pending>', '80:30000/TCP', '5m', '<none>'],
    ],
    [
      '',
      'Endpoints',
      {
        subsets: [
          {
            addresses: [
              { ip: '10.0.0.1' },
              { ip: 'fd00::1' },
              { ip: '10.0.0.3' },
              { ip: '10.0.0.4' },
            ],
            ports: [{ port: 80 }],
          },
        ],
      },
      ['x', '10.0.0.1:80,[fd00::1]:80,10.0.0.3:80 + 1 more...', '5m'],
    ],
    [
      '',
      'PersistentVolumeClaim',
      {
        spec: { volumeName: 'v' },
        status: {
          phase: 'Bound',
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteMany', 'ReadWriteOnce'],
        },
      },
      ['x', 'Bound', 'v', '1Gi', 'RWO,RWX', '', '<unset>', '5m', '<unset>'],
    ],
    [
      '',
      'PersistentVolume',
      {
        spec: { capacity: { storage: '1Gi' }, claimRef: { namespace: 'd', name: 'c' } },
        status: { phase: 'Bound' },
      },
      ['x', '1Gi', '', '', 'Bound', 'd/c', '', '<unset>', '', '5m', '<unset>'],
    ],
    [
      'rbac.authorization.k8s.io',
      'RoleBinding',
      {
        roleRef: { kind: 'Role', name: 'r' },
        subjects: [
          { kind: 'User', name: 'u' },
          { kind: 'ServiceAccount', namespace: 'd', name: 's' },
        ],
      },
      ['x', 'Role/r', '5m', 'u', '', 'd/s'],
    ],
    ['rbac.authorization.k8s.io', 'Role', {}, ['x', start]],
    [
      '',
      'Service',
      {
        spec: {
          type: 'LoadBalancer',
          clusterIPs: ['10.0.0.1', 'fd00::1'],
          externalIPs: ['1.1.1.1'],
        },
        status: { loadBalancer: { ingress: [{ hostname: 'b' }, { ip: '2.2.2.2' }, {}] } },
      },
      ['x', 'LoadBalancer', '10.0.0.1', '2.2.2.2,b,1.1.1.1', '<none>', '5m', '<none>'],
    ],
    [
      '',
      'Service',
      { spec: { type: 'ExternalName', externalName: 'a.example' } },
      ['x', 'ExternalName', '<none>', 'a.example', '<none>', '5m', '<none>'],
    ],
    [
      '',
      'PersistentVolumeClaim',
      { metadata: { ...meta, deletionTimestamp: start }, spec: { volumeName: 'v' } },
      ['x', 'Terminating', 'v', '0', '', '', '<unset>', '5m', '<unset>'],
    ],
    [
      '',
      'PersistentVolume',
      {
        metadata: {
          ...meta,
          annotations: { 'volume.beta.kubernetes.io/storage-class': 'first' },
        },
        spec: { storageClassName: 'second', volumeMode: 'Block' },
        status: { phase: 'Available', reason: 'new' },
      },
      ['x', '0', '', '', 'Available', '', 'first', '<unset>', 'new', '5m', 'Block'],
    ],
    [
      'storage.k8s.io',
      'StorageClass',
      {
        metadata: {
          ...meta,
          annotations: { 'storageclass.beta.kubernetes.io/is-default-class': 'true' },
        },
        provisioner: 'p',
      },
      ['x (default)', 'p', 'Delete', 'Immediate', false, '5m'],
    ],
    [
      'discovery.k8s.io',
      'EndpointSlice',
      {
        addressType: 'IPv4',
        ports: [{ port: 80 }, { name: 'any' }, {}, { port: 81 }],
        endpoints: [{ addresses: ['1.1.1.1'] }],
      },
      ['x', 'IPv4', '80,any,* + 1 more...', '1.1.1.1', '5m'],
    ],
    [
      'networking.k8s.io',
      'NetworkPolicy',
      {
        spec: {
          podSelector: {
            matchLabels: { b: '1' },
            matchExpressions: [
              { key: 'c', operator: 'NotIn', values: ['z', 'y'] },
              { key: 'a', operator: 'Exists' },
            ],
          },
        },
      },
      ['x', 'a,b=1,c notin (y,z)', '5m'],
    ],
    ['networking.k8s.io', 'NetworkPolicy', { spec: { podSelector: {} } }, ['x', '<none>', '5m']],
    ...(
      [
        ['Failed', 'True', 'Failed'],
        ['Suspended', 'True', 'Suspended'],
        ['Suspended', 'False', 'Running'],
        ['FailureTarget', 'True', 'FailureTarget'],
      ] as const
    ).map(([type, status, shown]): [string, string, JsonObject, Json[]] => [
      'batch',
      'Job',
      { status: { conditions: [{ type, status }] } },
      ['x', shown, '0/1', '', '5m', '', '', '<none>'],
    ]),
    [
      'batch',
      'CronJob',
      {
        spec: { schedule: '@daily', timeZone: 'Etc/UTC', suspend: true },
        status: { active: [{}], lastScheduleTime: start },
      },
      ['x', '@daily', 'Etc/UTC', 'True', 1, '5m', '5m', '', '', '<none>'],
    ],
    ...(
      [
        [90, '90s'],
        [600, '10m'],
        [9_000, '150m'],
        [12_600, '3h30m'],
        [90_000, '25h'],
      ] as const
    ).map(([expirationSeconds, duration]): [string, string, JsonObject, Json[]] => [
      'certificates.k8s.io',
      'CertificateSigningRequest',
      { spec: { signerName: 's', username: 'u', expirationSeconds } },
      ['x', '5m', 's', 'u', duration, 'Pending'],
    ]),
    ['apiextensions.k8s.io', 'CustomResourceDefinition', {}, ['x', start]],
  ])('shows %s %s %#', (group, kind, fields, expected) => {
    expect(cells(group, kind, { metadata: meta, ...fields })).toEqual(expected);
  });

  it('describes the columns of ConfigMaps as their fields are', () => {
    const table = toTable({ group: '', kind: 'ConfigMap' }, [], { now });
    expect(listAt(table, 'columnDefinitions')[1]).toEqual({
      name: 'Data',
      type: 'string',
      format: '',
      description:
        "Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process.",
      priority: 0,
    });
  });
});

describe('toTable of custom resources', () => {
  const widget = {
    metadata: { name: 'w1', creationTimestamp: start },
    spec: { size: 4, tags: ['a', 'b'] },
    status: { phase: 'Good' },
  };

  it('shows the columns of the definition', () => {
    const columns = [
      { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
      {
        name: 'Phase',
        type: 'string',
        jsonPath: '.status.phase',
        description: 'How it is.',
        priority: 1,
      },
      { name: 'Tags', type: 'string', jsonPath: '.spec.tags' },
      { name: 'Missing', type: 'string', jsonPath: '.spec.missing' },
      { name: 'Wrong', type: 'integer', jsonPath: '.status.phase' },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ];
    const table = toTable({ group: 'example.com', kind: 'Widget' }, [widget], { now, columns });
    expect(cells('example.com', 'Widget', widget, { columns })).toEqual([
      'w1',
      4,
      'Good',
      '["a","b"]',
      null,
      null,
      '5m',
    ]);
    expect(listAt(table, 'columnDefinitions').slice(1, 3)).toEqual([
      {
        name: 'Size',
        type: 'integer',
        format: '',
        description: 'Custom resource definition column (in JSONPath format): .spec.size',
        priority: 0,
      },
      { name: 'Phase', type: 'string', format: '', description: 'How it is.', priority: 1 },
    ]);
  });

  it('shows the age when the definition has no columns', () => {
    expect(cells('example.com', 'Widget', widget)).toEqual(['w1', '5m']);
  });
});

describe('toTable', () => {
  const object = { metadata: { name: 'x' }, data: { a: '1' } };

  it('carries as much of the object as asked for', () => {
    expect(rows('', 'ConfigMap', object, { includeObject: 'None' })).toEqual([
      { cells: ['x', 1, '<unknown>'] },
    ]);
    expect(rows('', 'ConfigMap', object, { includeObject: 'Object' })[0]).toMatchObject({ object });
    expect(rows('', 'ConfigMap', object)[0]).toMatchObject({
      object: {
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: { name: 'x' },
      },
    });
  });

  it('carries the version and the page of the list, and headings only when wanted', () => {
    const options = { now, resourceVersion: '7', continue: 'abc', remainingItemCount: 3 };
    expect(toTable({ group: '', kind: 'ConfigMap' }, [], { ...options, headers: false })).toEqual({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: '7', continue: 'abc', remainingItemCount: 3 },
      columnDefinitions: null,
      rows: [],
    });
  });

  const kinds = [
    '/Pod',
    '/Node',
    '/Event',
    '/Service',
    '/Endpoints',
    '/PersistentVolume',
    '/PersistentVolumeClaim',
    '/Secret',
    'apps/Deployment',
    'apps/DaemonSet',
    'apps/ControllerRevision',
    'batch/Job',
    'batch/CronJob',
    'rbac.authorization.k8s.io/RoleBinding',
    'x/Widget',
  ];

  it('never throws and fills every row, whatever the objects hold', () => {
    const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
    const named = fc.constantFrom(
      'spec',
      'status',
      'metadata',
      'containers',
      'conditions',
      'ports',
      'selector',
      'matchLabels',
      'containerStatuses',
      'state',
      'subsets',
      'addresses',
      'template',
      'labels',
    );
    const hostile = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        json,
        fc.dictionary(named, tie('value')),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
    })).value;
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        hostile,
        hostile,
        hostile,
        (id, metadata, spec, status) => {
          const [group = '', kind = ''] = id.split('/');
          const table = toTable({ group, kind }, [{ metadata, spec, status }, spec], { now });
          const width = listAt(table, 'columnDefinitions').length;
          for (const row of listAt(table, 'rows')) expect(listAt(row, 'cells')).toHaveLength(width);
        },
      ),
      { numRuns: 200 },
    );
  });
});
