import { describe, expect, it } from 'vitest';
import { containerHash } from './container-hash.ts';
import { podShape } from './pod-shape.ts';
import { podObject } from './testing/pod-node.ts';

describe('podShape', () => {
  it('knows init containers, sidecars and app containers, in the order of their starting', () => {
    const shape = podShape(
      podObject({
        restartPolicy: 'Never',
        initContainers: [{ name: 'setup' }, { name: 'proxy', restartPolicy: 'Always' }],
        containers: [{ name: 'main' }],
      }),
    );
    expect(
      shape.containers.map(({ name, role, restartPolicy }) => [name, role, restartPolicy]),
    ).toEqual([
      ['setup', 'init', 'Never'],
      ['proxy', 'sidecar', 'Always'],
      ['main', 'app', 'Never'],
    ]);
  });

  it.each([
    ['busybox', 'Always'],
    ['busybox:latest', 'Always'],
    ['busybox:1', 'IfNotPresent'],
    ['example.com:5000/busybox', 'Always'],
    ['busybox@sha256:0', 'IfNotPresent'],
  ])('pulls %s by the policy %s when it says none', (image, policy) => {
    const [main] = podShape(podObject({ containers: [{ name: 'main', image }] })).containers;
    expect(main?.pullPolicy).toBe(policy);
  });

  it('takes the grace of the deletion before that of the pod', () => {
    expect(podShape(podObject()).graceSeconds).toBe(30);
    expect(podShape(podObject({ terminationGracePeriodSeconds: 5 })).graceSeconds).toBe(5);
    const metadata = { deletionGracePeriodSeconds: 0 };
    expect(podShape(podObject({ terminationGracePeriodSeconds: 5, metadata })).graceSeconds).toBe(
      0,
    );
  });

  it('publishes only ports that name one of the host, and none in the host’s network', () => {
    const ports = [
      { containerPort: 80 },
      { containerPort: 53, hostPort: 5353, protocol: 'UDP' as const },
    ];
    const containers = [{ name: 'main', ports }];
    expect(podShape(podObject({ containers })).sandbox.ports).toEqual([
      { containerPort: 53, hostPort: 5353, hostIp: '', protocol: 'udp' },
    ]);
    expect(podShape(podObject({ containers, hostNetwork: true })).sandbox.ports).toEqual([]);
  });

  it('shortens a host name to what Linux takes', () => {
    const name = `${'a'.repeat(62)}.${'b'.repeat(20)}`;
    expect(podShape(podObject({ name })).sandbox.hostname).toBe('a'.repeat(62));
  });
});

describe('containerHash', () => {
  const main = { name: 'main', image: 'a:1', env: [{ name: 'A', value: '1' }] };

  it('changes with what a running container cannot follow', () => {
    expect(containerHash({ ...main, image: 'a:2' })).not.toBe(containerHash(main));
    expect(containerHash({ ...main, env: [] })).not.toBe(containerHash(main));
  });

  it('does not change with the order of fields, nor with what it can follow', () => {
    const { name, image, env } = main;
    expect(containerHash({ env, image, name })).toBe(containerHash(main));
    expect(containerHash({ ...main, imagePullPolicy: 'Always' })).toBe(containerHash(main));
  });
});
