import type { TokenRequest } from '@skerry/proto/frames';
import type { NodeName, ObjectKey, Version } from '@skerry/shared/names';
import { beforeEach, describe, expect, it } from 'vitest';
import { Forbidden } from '../kube/kube-errors.ts';
import { pods, serviceAccounts } from '../kube/resource.ts';
import { FakeKube } from '../kube/testing/fake-kube.ts';
import { Placement } from '../route/placement.ts';
import { observe } from '../watch/observe.ts';
import { watchedResources } from '../watch/watched-resources.ts';
import { tokenIssuer } from './token-issuer.ts';

const edge1 = 'edge-1' as NodeName;
const { signal } = new AbortController();
const request: TokenRequest = {
  type: 'tokenRequest',
  id: 7,
  namespace: 'default',
  serviceAccount: 'runner',
  pod: 'web',
  podUid: 'u',
  audience: 'vault',
  expirationSeconds: 600,
};

describe('tokenIssuer', () => {
  let kube: FakeKube;
  let placement: Placement;
  const issue = (change: Partial<TokenRequest> = {}, node = edge1): Promise<object> =>
    tokenIssuer(kube, placement).issue(node, { ...request, ...change }, signal);

  beforeEach(() => {
    kube = new FakeKube();
    kube.put(serviceAccounts, { metadata: { name: 'runner', namespace: 'default' } });
    const sources = [{ serviceAccountToken: { path: 'token', audience: 'vault' } }];
    const pod = kube.put(pods, {
      metadata: { name: 'web', namespace: 'default', uid: 'u' },
      spec: {
        nodeName: edge1,
        serviceAccountName: 'runner',
        volumes: [{ name: 'vault', projected: { sources } }],
      },
    });
    placement = new Placement([pods.name, serviceAccounts.name]);
    const row = watchedResources.find(({ type }) => type === pods)!;
    const observed = observe(row, Buffer.from(JSON.stringify(pod)));
    placement.snapshot(pods.name, [observed], 200n as Version);
    placement.snapshot(serviceAccounts.name, [], 200n as Version);
  });

  it('gets a token that is bound to the pod', async () => {
    expect(await issue()).toEqual({
      type: 'tokenGrant',
      id: 7,
      token: 'token-1',
      lifeSeconds: 600,
    });
    expect(kube.calls.at(-1)).toEqual({
      call: 'createFor',
      key: 'serviceaccounts/default/runner/token' as ObjectKey,
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {
          audiences: ['vault'],
          expirationSeconds: 600,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'u' },
        },
      },
    });
  });

  it.each<[string, Partial<TokenRequest>, string]>([
    ['of another node', {}, 'edge-2'],
    ['that does not exist', { pod: 'none' }, 'edge-1'],
    ['that has gone and come again', { podUid: 'v' }, 'edge-1'],
    ['that runs as another account', { serviceAccount: 'admin' }, 'edge-1'],
    ['that wants none for that audience', { audience: '' }, 'edge-1'],
    ['with a name that is none', { pod: 'a/b' }, 'edge-1'],
  ])('refuses one for a pod %s', async (_what, change, node) => {
    expect(await issue(change, node as NodeName)).toMatchObject({
      type: 'tokenRefusal',
      id: 7,
      code: 'upstream.forbidden',
    });
    expect(kube.calls).toEqual([]);
  });

  it('says what the API server says', async () => {
    kube.fault = () => new Forbidden('not the hub');
    expect(await issue()).toEqual({
      type: 'tokenRefusal',
      id: 7,
      code: 'kube.forbidden',
      reason: 'not the hub',
    });
  });
});
