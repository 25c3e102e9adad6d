import { plainDefinition } from '@skerry/apiserver/testing/plain-definition';
import { serveApi, type ServedApi } from '@skerry/apiserver/testing/served-api';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Kubectl } from '../support/kubectl.ts';

/** What kubectl does beyond the recorded commands, against the embedded API. */
describe('kubectl', () => {
  let api: ServedApi;
  let kubectl: Kubectl;

  beforeAll(async () => {
    api = await serveApi();
    kubectl = new Kubectl(api.kubeconfig);
  });

  afterAll(() => api[Symbol.asyncDispose]());

  it('edits', async () => {
    await kubectl.run(['create', 'configmap', 'site', '--from-literal=mode=first']);
    vi.stubEnv('KUBE_EDITOR', 'sed -i s/first/second/');
    expect(await kubectl.run(['edit', 'configmap', 'site'])).toBe('configmap/site edited\n');
    vi.unstubAllEnvs();
    const site = await kubectl.json<{ data: unknown }>('get', 'configmap', 'site');
    expect(site.data).toEqual({ mode: 'second' });
  });

  it.each([
    ['namespace', 'made'],
    ['secret', 'generic', 'made', '--from-literal=a=b'],
    ['serviceaccount', 'made'],
    ['deployment', 'made', '--image=example/app:1', '--port=80', '--', 'run', 'it'],
    ['job', 'made', '--image=example/app:1'],
    ['cronjob', 'made', '--image=example/app:1', '--schedule=0 3 * * *'],
    ['job', 'copied', '--from=cronjob/made'],
    ['service', 'clusterip', 'made', '--tcp=80:8080'],
    ['role', 'made', '--verb=get', '--resource=pods'],
    ['rolebinding', 'made', '--role=made', '--serviceaccount=default:made'],
    ['clusterrole', 'made', '--verb=get', '--resource=nodes'],
    ['clusterrolebinding', 'made', '--clusterrole=made', '--user=somebody'],
  ])('creates a %s', async (...words) => {
    expect(await kubectl.run(['create', ...words])).toMatch(/(made|copied) created\n$/);
  });

  it('tells who one is, and what one may do', async () => {
    expect(await kubectl.run(['auth', 'whoami'])).toMatch(/Username +admin/);
    expect(await kubectl.run(['auth', 'can-i', 'delete', 'nodes'])).toBe('yes\n');
  });

  it('drains a node', async () => {
    await kubectl.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge-1' } });
    await kubectl.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'tenant' },
      spec: {
        nodeName: 'edge-1',
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'c', image: 'example/app:1' }],
      },
    });
    await kubectl.run(['drain', 'edge-1', '--force', '--timeout=90s']);
    await kubectl.waitUntilGone(['pod', 'tenant']);
    const node = await kubectl.json<{ spec: { unschedulable?: boolean } }>('get', 'node', 'edge-1');
    expect(node.spec.unschedulable).toBe(true);
  });

  it('lets the server apply what it has applied itself, and goes back', async () => {
    const config = (mode: string, more: object = {}): string =>
      JSON.stringify({
        ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'moved' } },
        data: { mode, ...more },
      });
    await kubectl.run(['apply', '-f', '-'], config('first', { extra: 'x' }));
    const served = ['apply', '--server-side', '-f', '-'];
    expect(await kubectl.run(served, config('second'))).toBe(
      'configmap/moved serverside-applied\n',
    );
    const moved = await kubectl.json<{ data: unknown }>('get', 'configmap', 'moved');
    expect(moved.data).toEqual({ mode: 'second' });
    expect(await kubectl.run(['apply', '-f', '-'], config('third'))).toBe(
      'configmap/moved configured\n',
    );
  });

  it('applies a definition, and its objects right after', async () => {
    await kubectl.apply(plainDefinition());
    await kubectl.apply({ apiVersion: 'example.com/v1', kind: 'Lamp', metadata: { name: 'desk' } });
    expect(await kubectl.run(['get', 'lamps', '-o', 'name'])).toBe('lamp.example.com/desk\n');
    await kubectl.run(['delete', 'crd', 'lamps.example.com', '--timeout=90s']);
    await expect(kubectl.run(['get', 'lamps'])).rejects.toThrow(
      /doesn't have a resource type|could not find the requested resource/,
    );
  });

  it('deletes a namespace with all that is in it', async () => {
    await kubectl.run(['create', 'namespace', 'full']);
    await kubectl.run(['create', 'configmap', 'c', '--namespace=full']);
    await kubectl.run(['delete', 'namespace', 'full', '--timeout=90s']);
    await kubectl.waitUntilGone(['namespace', 'full']);
  });
});
