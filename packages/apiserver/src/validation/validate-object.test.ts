import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import { validateObject } from './validate-object.ts';

function sentences(group: string, kind: string, object: Json, held?: Json): string[] {
  return validateObject(group, kind, object, held).map(
    ({ field, message }) => `${field}: ${message}`,
  );
}

const onlyThese =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

function pod(spec: JsonObject, container: JsonObject = {}): Json {
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      containers: [{ name: 'c', image: 'example/app:1', ...container }],
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      ...spec,
    },
  };
}

describe('validateObject of a Pod', () => {
  it('accepts an everyday pod', () => {
    const everyday = pod(
      {
        volumes: [{ name: 'site', configMap: { name: 'site' } }],
        terminationGracePeriodSeconds: 30,
      },
      {
        command: ['httpd', '-f'],
        ports: [{ containerPort: 8080, hostPort: 38080, protocol: 'TCP' }],
        env: [
          { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'key', key: 'token' } } },
          { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
        ],
        resources: {
          requests: { cpu: '50m', memory: '16Mi' },
          limits: { cpu: '1', memory: '64Mi' },
        },
        readinessProbe: { httpGet: { path: '/', port: 8080, scheme: 'HTTP' }, periodSeconds: 1 },
        volumeMounts: [{ name: 'site', mountPath: '/site' }],
      },
    );
    expect(sentences('', 'Pod', everyday)).toEqual([]);
  });

  it.each<[string, Json, string]>([
    ['no containers', pod({ containers: [] }), 'spec.containers: Required value'],
    [
      'two containers of one name',
      pod({
        containers: [
          { name: 'c', image: 'i' },
          { name: 'c', image: 'i' },
        ],
      }),
      'spec.containers[1].name: Duplicate value: "c"',
    ],
    [
      'a container without a name',
      pod({ containers: [{ image: 'i' }] }),
      'spec.containers[0].name: Required value',
    ],
    ['no image', pod({}, { image: '' }), 'spec.containers[0].image: Required value'],
    [
      'an unknown restart policy',
      pod({ restartPolicy: 'Sometimes' }),
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
    ],
    [
      'a mount of no volume',
      pod({}, { volumeMounts: [{ name: 'x', mountPath: '/x' }] }),
      'spec.containers[0].volumeMounts[0].name: Not found: "x"',
    ],
    [
      'two mounts in one place',
      pod(
        { volumes: [{ name: 'x', emptyDir: {} }] },
        {
          volumeMounts: [
            { name: 'x', mountPath: '/x' },
            { name: 'x', mountPath: '/x' },
          ],
        },
      ),
      'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/x": must be unique',
    ],
    [
      'a volume of no type',
      pod({ volumes: [{ name: 'x' }] }),
      'spec.volumes[0]: Required value: must specify a volume type',
    ],
    [
      'a volume of two types',
      pod({ volumes: [{ name: 'x', emptyDir: {}, hostPath: { path: '/' } }] }),
      'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
    ],
    [
      'a port out of range',
      pod({}, { ports: [{ containerPort: 70000 }] }),
      'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
    ],
    [
      'a request above its limit',
      pod({}, { resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
    [
      'a probe of nothing',
      pod({}, { livenessProbe: { periodSeconds: 1 } }),
      'spec.containers[0].livenessProbe: Required value: must specify a handler type',
    ],
    [
      'an environment variable with two sources',
      pod(
        {},
        {
          env: [{ name: 'A', value: 'a', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
        },
      ),
      'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
    ],
    [
      'a toleration of everything for a while',
      pod({ tolerations: [{ operator: 'Exists', tolerationSeconds: 3 }] }),
      'spec.tolerations[0].effect: Invalid value: "": effect must be \'NoExecute\' when `tolerationSeconds` is set',
    ],
    [
      'a path that leaves its volume',
      pod({
        volumes: [{ name: 's', secret: { secretName: 's', items: [{ key: 'k', path: '../k' }] } }],
      }),
      'spec.volumes[0].secret.items[0].path: Invalid value: "../k": must not contain \'..\'',
    ],
  ])('refuses %s', (_what, object, sentence) => {
    expect(sentences('', 'Pod', object)).toContain(sentence);
  });

  it('lets an update change the image and nothing else of a container', () => {
    const held = pod({});
    expect(sentences('', 'Pod', pod({}, { image: 'example/app:2' }), held)).toEqual([]);
    const [sentence] = sentences('', 'Pod', pod({}, { command: ['other'] }), held);
    expect(sentence?.split('\n')[0]).toBe(onlyThese);
  });

  it('lets an update add tolerations but not take them away', () => {
    const toleration = { key: 'a', operator: 'Exists' };
    const tolerant = pod({ tolerations: [toleration] });
    expect(sentences('', 'Pod', tolerant, pod({}))).toEqual([]);
    expect(sentences('', 'Pod', pod({}), tolerant)).toEqual([
      'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
    ]);
  });

  it('lets no update add a container', () => {
    const two = pod({
      containers: [
        { name: 'c', image: 'i' },
        { name: 'd', image: 'i' },
      ],
    });
    expect(sentences('', 'Pod', two, pod({}))).toEqual([
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    ]);
  });
});

describe('validateObject of other kinds', () => {
  const named = (fields: JsonObject): Json => ({
    metadata: { name: 'x', namespace: 'd' },
    ...fields,
  });

  it('keeps an immutable ConfigMap as it is', () => {
    const held = named({ data: { a: '1' }, immutable: true });
    expect(sentences('', 'ConfigMap', named({ data: { a: '2' }, immutable: true }), held)).toEqual([
      'data: Forbidden: field is immutable when `immutable` is set',
    ]);
    expect(sentences('', 'ConfigMap', named({ data: { a: '1' } }), held)).toEqual([
      'immutable: Forbidden: field is immutable when `immutable` is set',
    ]);
  });

  it.each<[string, string, Json, string]>([
    [
      '',
      'ConfigMap',
      named({ data: { 'a b': '' } }),
      "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ],
    [
      '',
      'Secret',
      named({ type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }),
      'data[tls.key]: Required value',
    ],
    [
      '',
      'Namespace',
      { metadata: { name: 'a.b' } },
      "metadata.name: Invalid value: \"a.b\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
    [
      '',
      'Node',
      { metadata: { name: 'n' }, spec: { taints: [{ key: 'k', effect: 'No' }] } },
      'spec.taints[0].effect: Unsupported value: "No": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    ],
    ['', 'Service', named({ spec: {} }), 'spec.ports: Required value'],
    [
      '',
      'Event',
      { metadata: { name: 'e', namespace: 'a' }, involvedObject: { namespace: 'b' } },
      'involvedObject.namespace: Invalid value: "b": does not match event.namespace',
    ],
    [
      'apps',
      'Deployment',
      named({ spec: { selector: { matchLabels: { a: '1' } }, template: {} } }),
      'spec.template.metadata.labels: Invalid value: {}: `selector` does not match template `labels`',
    ],
    [
      'coordination.k8s.io',
      'Lease',
      named({ spec: { leaseDurationSeconds: 0 } }),
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
    ],
    [
      '',
      'ConfigMap',
      named({ metadata: { name: 'x', finalizers: ['mine'] } }),
      'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
    ],
    [
      'batch',
      'CronJob',
      named({ spec: { schedule: '* *' } }),
      'spec.schedule: Invalid value: "* *": expected exactly 5 fields, found 2: ["*","*"]',
    ],
    [
      'batch',
      'CronJob',
      named({ spec: { schedule: '61 * * * *' } }),
      'spec.schedule: Invalid value: "61 * * * *": not a schedule: a field is out of its range, or not a number, a range or a step',
    ],
    [
      'batch',
      'CronJob',
      named({ spec: { schedule: 'TZ=UTC 1 * * * *' } }),
      'spec.schedule: Invalid value: "TZ=UTC 1 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
    [
      'batch',
      'CronJob',
      named({ spec: { schedule: '1 * * * *', timeZone: 'Mars/North' } }),
      'spec.timeZone: Invalid value: "Mars/North": unknown time zone Mars/North',
    ],
    [
      'rbac.authorization.k8s.io',
      'Role',
      named({ rules: [{ apiGroups: [''], resources: ['pods'] }] }),
      'rules[0].verbs: Required value: verbs must contain at least one value',
    ],
  ])('%s %s refuses %j', (group, kind, object, sentence) => {
    expect(sentences(group, kind, object)).toContain(sentence);
  });

  it.each<[string, string, JsonObject, JsonObject, string]>([
    [
      'apps',
      'StatefulSet',
      { serviceName: 'b' },
      { serviceName: 'a' },
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ],
    [
      '',
      'Service',
      { clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.2'] },
      { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'] },
      'spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set',
    ],
  ])('%s %s refuses to become %j', (group, kind, spec, held, sentence) => {
    expect(sentences(group, kind, named({ spec }), named({ spec: held }))).toContain(sentence);
  });

  it('never throws, whatever it is given', () => {
    const json = fc.jsonValue({ maxDepth: 5 }) as fc.Arbitrary<Json>;
    const kinds = fc.constantFrom(
      ['', 'Pod'],
      ['', 'Node'],
      ['', 'Secret'],
      ['apps', 'Deployment'],
      ['batch', 'CronJob'],
      ['x', 'Other'],
    );
    fc.assert(
      fc.property(kinds, json, json, ([group = '', kind = ''], metadata, spec) => {
        const object = { metadata, spec, data: spec };
        expect(validateObject(group, kind, object, { metadata, spec: {} })).toBeInstanceOf(Array);
      }),
    );
  });
});
