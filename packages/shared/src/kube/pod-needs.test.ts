import { describe, expect, it } from 'vitest';
import { BILLION } from './amounts.ts';
import { hostPortsOf, podRequests, portsClash, type ContainerNeeds } from './pod-needs.ts';

const cpu = (requests: string, more: ContainerNeeds = {}): ContainerNeeds => ({
  ...more,
  resources: { requests: { cpu: requests } },
});
const sidecar = { restartPolicy: 'Always' };

describe('what a pod requests', () => {
  it.each([
    ['all containers together', [], [cpu('1'), cpu('2')], 3],
    ['an init container that needs more than they', [cpu('4')], [cpu('1'), cpu('2')], 4],
    ['sidecars beside the containers', [cpu('1', sidecar)], [cpu('2')], 3],
    ['the sidecars begun before an init container', [cpu('1', sidecar), cpu('3')], [cpu('1')], 4],
    ['no sidecar begun after it', [cpu('3'), cpu('1', sidecar)], [cpu('1')], 3],
  ])('is %s', (_what, initContainers, containers, cores) => {
    const requests = podRequests({ initContainers, containers });
    expect(requests.get('cpu')).toBe(BigInt(cores) * BILLION);
  });

  it('is the limit where no request is given, and what the runtime needs beside', () => {
    const resources = { limits: { memory: '2', cpu: '1' }, requests: { memory: '1' } };
    const requests = podRequests({ containers: [{ resources }], overhead: { memory: 3 } });
    expect(requests).toEqual(
      new Map([
        ['memory', 4n * BILLION],
        ['cpu', BILLION],
      ]),
    );
  });
});

describe('the ports of its node that a pod takes', () => {
  const ports = [{ containerPort: 80 }, { containerPort: 53, hostPort: 5353, protocol: 'UDP' }];

  it('are those with a hostPort, of sidecars too, and not of other init containers', () => {
    const hostPort = { containerPort: 1, hostPort: 1, hostIP: '127.0.0.1' };
    const initContainers = [{ ports }, { ...sidecar, ports: [hostPort] }];
    expect(hostPortsOf({ initContainers, containers: [{ ports }] })).toEqual([
      { port: 1, address: '127.0.0.1', protocol: 'TCP' },
      { port: 5353, address: '0.0.0.0', protocol: 'UDP' },
    ]);
  });

  it('are all that it names when it is in the network of the host', () => {
    const taken = hostPortsOf({ containers: [{ ports }], hostNetwork: true });
    expect(taken.map(({ port }) => port)).toEqual([80, 5353]);
  });

  it('clash on one address, and every address is one of them', () => {
    const one = { port: 80, address: '10.0.0.1', protocol: 'TCP' };
    expect(portsClash(one, one)).toBe(true);
    expect(portsClash(one, { ...one, address: '0.0.0.0' })).toBe(true);
    expect(portsClash(one, { ...one, address: '10.0.0.2' })).toBe(false);
    expect(portsClash(one, { ...one, protocol: 'UDP' })).toBe(false);
    expect(portsClash(one, { ...one, port: 81 })).toBe(false);
  });
});
