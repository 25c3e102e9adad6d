import { readAmounts } from '@skerry/shared/kube/amounts';
import { uid } from '@skerry/shared/names';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ObservedPod } from '../runtime/observed.ts';
import { environment, type Sources } from './env.ts';
import { localApiOf, withAuthority, type LocalApiAccess } from './local-api.ts';
import { PodUnfit } from './pod-errors.ts';
import { referenceKey } from './references.ts';
import { podObject } from './testing/pod-node.ts';

const annotations = { 'edge.skerry.io/local-api': 'true' };
const plain = podObject({});
const asking = { ...plain, metadata: { ...plain.metadata, annotations } };
const { signal } = new AbortController();
const pod = { uid: uid('uid-of-web'), namespace: 'default', name: 'web' };
const container = { name: 'main', env: [{ name: 'AT', value: '$(KUBERNETES_SERVICE_HOST)' }] };

/** With a network on which this machine has `gateway`; undefined: the machine's own. */
function running(gateway?: string): ObservedPod {
  const mark = { pod, attempt: 0, streak: 0 };
  const state = { phase: 'running', startedAt: 1, ip: undefined, gateway } as const;
  return { pod, containers: [], sandboxes: [{ id: 'box', mark, state }] };
}

function sourcesOf(object: typeof asking, localApi: Sources['localApi']): Sources {
  const allocatable = readAmounts({ cpu: '1', memory: '1' });
  const surroundings = { nodeName: 'n', hostIp: '', podIp: '', allocatable };
  return { pod: object, held: new Map(), surroundings, localApi };
}

describe('a pod that asks for the API of its node', () => {
  let reached: (string | undefined)[];
  let refusal: Error | undefined;
  const access: LocalApiAccess = {
    authority: () => Promise.resolve('LOCAL\n'),
    reach: (gateway) => {
      reached.push(gateway);
      if (refusal) return Promise.reject(refusal);
      return Promise.resolve({ host: gateway ?? '127.0.0.1', port: 10_550 });
    },
  };
  beforeEach(() => {
    reached = [];
    refusal = undefined;
  });

  it('is told where it is on its own network', async () => {
    const found = await localApiOf(access, asking, running('10.1.0.1'), signal);
    expect(environment(container, sourcesOf(asking, found))).toEqual([
      { name: 'KUBERNETES_SERVICE_HOST', value: '10.1.0.1' },
      { name: 'KUBERNETES_SERVICE_PORT', value: '10550' },
      { name: 'KUBERNETES_SERVICE_PORT_HTTPS', value: '10550' },
      { name: 'AT', value: '10.1.0.1' },
    ]);
    await localApiOf(access, asking, running(), signal);
    expect(reached).toEqual(['10.1.0.1', undefined]);
  });

  it('trusts both its node and the cluster, from before it has a network', async () => {
    const nothing = { pod, containers: [], sandboxes: [] };
    const found = await localApiOf(access, asking, nothing, signal);
    expect(reached).toEqual([]);
    const key = referenceKey('configmap', 'default', 'kube-root-ca.crt');
    const textOf = (held: ReturnType<typeof withAuthority>): string | undefined =>
      held.get(key)?.get('ca.crt')?.toString();
    const held = new Map([[key, new Map([['ca.crt', Buffer.from('CLUSTER\n')]])]]);
    expect(textOf(withAuthority(held, asking, found))).toBe('LOCAL\nCLUSTER\n');
    expect(textOf(withAuthority(new Map(), asking, found))).toBe('LOCAL\n');
    expect(textOf(withAuthority(held, asking, undefined))).toBe('CLUSTER\n');
  });

  it('waits, and says why, while there is no way to it', async () => {
    refusal = new Error('10.1.0.1:10550 is already in use');
    const found = await localApiOf(access, asking, running('10.1.0.1'), signal);
    const fit = (): unknown => environment(container, sourcesOf(asking, found));
    expect(fit).toThrow(PodUnfit);
    expect(fit).toThrow(
      'the local API cannot be reached from the pod: 10.1.0.1:10550 is already in use',
    );
  });

  it('alone hears of it', async () => {
    expect(await localApiOf(access, plain, running(), signal)).toBeUndefined();
    expect(reached).toEqual([]);
  });
});
