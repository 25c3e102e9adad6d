import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../json.ts';
import { validatePodUpdate } from './pod-update.ts';
import { dumpPodSpec } from './spec-dump.ts';

const forbidden =
  'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

function update(held: JsonObject, next: JsonObject): string[] {
  return validatePodUpdate({ spec: next }, { spec: held }).map(({ message }) => message);
}

describe('validatePodUpdate', () => {
  const container = { name: 'c', image: 'example/app:2', command: ['sleep', '1'], resources: {} };

  it('shows what may not change as the reference server does', () => {
    expect(
      update({ containers: [container] }, { containers: [{ ...container, command: ['other'] }] }),
    ).toEqual([
      `${forbidden}\n@@ -6,8 +6,7 @@\n    "Name": "c",\n    "Image": "example/app:2",\n    "Command": [\n-    "sleep",\n-    "1"\n+    "other"\n    ],\n    "Args": null,\n    "WorkingDir": "",\n`,
    ]);
  });

  it('shows it where it stands in a larger pod', () => {
    const pod = (command: string[]): JsonObject => ({
      volumes: [{ name: 'site', configMap: { name: 'site', defaultMode: 420 } }],
      initContainers: [
        { name: 'prepare', image: 'example/app:1', command: ['prepare'], resources: {} },
      ],
      containers: [{ name: 'httpd', image: 'example/app:1', command, resources: {} }],
    });
    const [message = ''] = update(pod(['httpd', '-f']), pod(['x']));
    expect(message.slice(forbidden.length)).toBe(
      '\n@@ -79,8 +79,7 @@\n    "Name": "httpd",\n    "Image": "example/app:1",\n    "Command": [\n-    "httpd",\n-    "-f"\n+    "x"\n    ],\n    "Args": null,\n    "WorkingDir": "",\n',
    );
  });

  it('hides what may change', () => {
    const [message = ''] = update(
      { containers: [container], hostname: 'a' },
      { containers: [{ ...container, image: 'new' }], hostname: 'b', activeDeadlineSeconds: 9 },
    );
    expect(message).toContain('-  "Hostname": "a",\n+  "Hostname": "b",'.replaceAll('  "', ' "'));
    expect(message).not.toContain('new');
    expect(message).not.toContain('9');
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['an image', { containers: [container] }, { containers: [{ ...container, image: 'new' }] }],
    [
      'an init image',
      { initContainers: [container] },
      { initContainers: [{ ...container, image: 'n' }] },
    ],
    ['a deadline', {}, { activeDeadlineSeconds: 5 }],
    ['an earlier deadline', { activeDeadlineSeconds: 9 }, { activeDeadlineSeconds: 5 }],
    ['a toleration', { tolerations: [] }, { tolerations: [{ operator: 'Exists' }] }],
    [
      'a negative grace period',
      { terminationGracePeriodSeconds: -1 },
      { terminationGracePeriodSeconds: 1 },
    ],
  ])('lets %s change', (_what, held, next) => {
    expect(update(held, next)).toEqual([]);
  });

  it.each<[JsonObject, JsonObject, string]>([
    [
      { activeDeadlineSeconds: 5 },
      { activeDeadlineSeconds: 9 },
      'Invalid value: 9: must be less than or equal to previous value',
    ],
    [
      { activeDeadlineSeconds: 5 },
      {},
      'Invalid value: null: must not update from a positive integer to nil value',
    ],
    [{ containers: [container] }, { containers: [{ ...container, image: '' }] }, 'Required value'],
  ])('refuses %j becoming %j', (held, next, message) => {
    expect(update(held, next)).toEqual([message]);
  });
});

describe('dumpPodSpec', () => {
  it('names fields as Go does', () => {
    const spec: Json = {
      dnsPolicy: 'ClusterFirst',
      hostPID: true,
      containers: [
        {
          name: 'c',
          tty: true,
          readinessProbe: { httpGet: { port: 80 } },
          ports: [{ containerPort: 1, hostIP: '::1' }],
        },
      ],
      volumes: [{ name: 'v', nfs: { server: 's', path: '/' } }],
    };
    const text = dumpPodSpec(spec).join('\n');
    for (const name of [
      'DNSPolicy',
      'HostPID',
      'TTY',
      'HTTPGet',
      'TCPSocket',
      'GRPC',
      'HostIP',
      'NFS',
      'CephFS',
      'StorageOS',
      'CSI',
      'GCEPersistentDisk',
      'AWSElasticBlockStore',
      'OS',
      'FSGroup',
      'SELinuxOptions',
      'DownwardAPI',
      'SetHostnameAsFQDN',
    ])
      expect(text).toContain(`"${name}":`);
  });
});
