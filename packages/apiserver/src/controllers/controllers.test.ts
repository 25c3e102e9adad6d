import { settle } from '@skerry/shared/testing/manual-clock';
import { supervise } from '@skerry/shared/supervise';
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { StatusError } from '../status-error.ts';
import { plainDefinition } from '../testing/plain-definition.ts';
import { restBench, type RestBench } from '../testing/rest-bench.ts';
import { runDefinitionCleanup } from './definition-cleanup.ts';
import { followDefinitions } from './definitions.ts';
import { eventLifeMs, runEventExpiry } from './event-expiry.ts';
import { makeBuiltinNamespaces, runNamespaces } from './namespaces.ts';
import { runOrphanedPods } from './orphaned-pods.ts';

interface Controlled extends AsyncDisposable {
  readonly bench: RestBench;
}

async function controlled(): Promise<Controlled> {
  const bench = await restBench();
  const { parts } = bench;
  const ending = new AbortController();
  await makeBuiltinNamespaces(parts);
  const running = supervise(ending.signal, {
    definitions: (signal) => followDefinitions(parts.store, parts.registry, signal),
    cleanup: (signal) => runDefinitionCleanup(parts, signal),
    namespaces: (signal) => runNamespaces({ ...parts, authority: 'PEM' }, signal),
    events: (signal) => runEventExpiry(parts, signal),
    orphans: (signal) => runOrphanedPods(parts, signal),
  });
  return {
    bench,
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await running;
      await bench[Symbol.asyncDispose]();
    },
  };
}

/** Waits for what the controllers do, as long as it takes them to write to disk. */
async function eventually(holds: () => Promise<boolean>, bench: RestBench): Promise<void> {
  while (!(await holds())) {
    await bench.parts.clock.advance(1000);
    await settle();
  }
}

async function isGone(
  bench: RestBench,
  resource: string,
  name: string,
  namespace = '',
): Promise<boolean> {
  try {
    await bench.ask('get', { resource, name, ...(namespace === '' ? {} : { namespace }) });
    return false;
  } catch (error) {
    if (error instanceof StatusError && error.status === 404) return true;
    throw error;
  }
}

const pod = (name: string, more: Record<string, Json> = {}): Json => ({
  metadata: { name, ...more },
  spec: { nodeName: 'edge-1', containers: [{ name: 'c', image: 'a' }] },
});

describe('controllers', () => {
  it('furnish every namespace with an account and the authority to trust', async () => {
    await using run = await controlled();
    const { bench } = run;
    await bench.ask('create', { resource: 'namespaces', body: { metadata: { name: 'n' } } });
    const inside = { namespace: 'n' };
    await eventually(async () => !(await isGone(bench, 'serviceaccounts', 'default', 'n')), bench);
    await eventually(
      async () => !(await isGone(bench, 'configmaps', 'kube-root-ca.crt', 'n')),
      bench,
    );
    const ca = await bench.object('get', {
      resource: 'configmaps',
      name: 'kube-root-ca.crt',
      ...inside,
    });
    expect(ca['data']).toEqual({ 'ca.crt': 'PEM' });
  });

  it('empty a namespace that is deleted, then let it go', async () => {
    await using run = await controlled();
    const { bench } = run;
    await bench.ask('create', { resource: 'namespaces', body: { metadata: { name: 'n' } } });
    const body = { metadata: { name: 'c' } };
    await bench.ask('create', { resource: 'configmaps', namespace: 'n', body });
    await bench.ask('delete', { resource: 'namespaces', name: 'n' });
    await eventually(() => isGone(bench, 'namespaces', 'n'), bench);
    expect(bench.parts.store.list('configmaps', 'n')).toEqual([]);
  });

  it('wait with a namespace for the pods that its nodes still end', async () => {
    await using run = await controlled();
    const { bench } = run;
    await bench.ask('create', { resource: 'nodes', body: { metadata: { name: 'edge-1' } } });
    await bench.ask('create', { resource: 'namespaces', body: { metadata: { name: 'n' } } });
    await bench.ask('create', { resource: 'pods', namespace: 'n', body: pod('p') });
    await bench.ask('delete', { resource: 'namespaces', name: 'n' });
    const marked = async (): Promise<boolean> => {
      const { metadata } = await bench.object('get', {
        resource: 'pods',
        namespace: 'n',
        name: 'p',
      });
      return metadata.deletionTimestamp !== undefined;
    };
    await eventually(marked, bench);
    await bench.parts.clock.advance(10_000);
    expect(await isGone(bench, 'namespaces', 'n')).toBe(false);
    await bench.ask('delete', {
      resource: 'pods',
      namespace: 'n',
      name: 'p',
      body: { gracePeriodSeconds: 0 },
    });
    await eventually(() => isGone(bench, 'namespaces', 'n'), bench);
  });

  it('end a pod whose node is gone', async () => {
    await using run = await controlled();
    const { bench } = run;
    await bench.ask('create', { resource: 'nodes', body: { metadata: { name: 'edge-1' } } });
    for (const name of ['ending', 'staying'])
      await bench.ask('create', { resource: 'pods', body: pod(name) });
    await bench.ask('delete', { resource: 'pods', name: 'ending' });
    await settle();
    expect(await isGone(bench, 'pods', 'ending')).toBe(false);
    await bench.ask('delete', { resource: 'nodes', name: 'edge-1' });
    await eventually(() => isGone(bench, 'pods', 'ending'), bench);
    expect(await isGone(bench, 'pods', 'staying')).toBe(false);
  });

  it('delete the objects of a definition before the definition', async () => {
    await using run = await controlled();
    const { bench } = run;
    const definitions = 'customresourcedefinitions.apiextensions.k8s.io/v1';
    await bench.ask('create', { resource: definitions, body: plainDefinition() });
    await settle();
    const lamp = { metadata: { name: 'l', finalizers: ['example.com/hold'] } };
    await bench.ask('create', { resource: 'lamps.example.com/v1', body: lamp });
    await bench.ask('delete', { resource: definitions, name: 'lamps.example.com' });
    const held = async (): Promise<boolean> => {
      const { metadata } = await bench.object('get', {
        resource: 'lamps.example.com/v1',
        name: 'l',
      });
      return metadata.deletionTimestamp !== undefined;
    };
    await eventually(held, bench);
    expect(await isGone(bench, definitions, 'lamps.example.com')).toBe(false);
    await bench.ask('patch', {
      resource: 'lamps.example.com/v1',
      name: 'l',
      mediaType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    });
    await eventually(() => isGone(bench, definitions, 'lamps.example.com'), bench);
    await eventually(
      () => Promise.resolve(bench.parts.registry.find('example.com', 'v1', 'lamps') === undefined),
      bench,
    );
  });

  it('forget an event an hour after it was last seen', async () => {
    await using run = await controlled();
    const { bench } = run;
    const event = (name: string, lastTimestamp: string): Json => ({
      metadata: { name, namespace: 'default' },
      involvedObject: { namespace: 'default' },
      lastTimestamp,
    });
    for (const [name, last] of [
      ['once', '2026-01-01T00:00:00Z'],
      ['again', '2026-01-01T00:30:00Z'],
    ] as const)
      await bench.ask('create', { resource: 'events', body: event(name, last) });
    await bench.parts.clock.advance(eventLifeMs - 1000);
    expect(await isGone(bench, 'events', 'once')).toBe(false);
    await eventually(() => isGone(bench, 'events', 'once'), bench);
    expect(await isGone(bench, 'events', 'again')).toBe(false);
  });

  it('do not establish a definition whose names another one has', async () => {
    await using run = await controlled();
    const { bench } = run;
    const resource = 'customresourcedefinitions.apiextensions.k8s.io/v1';
    await bench.ask('create', { resource, body: plainDefinition('lamps') });
    const second = await bench.object('create', { resource, body: plainDefinition('lights') });
    expect(second['status']).toMatchObject({
      conditions: [
        { type: 'NamesAccepted', status: 'False', reason: 'KindConflict' },
        { type: 'Established', status: 'False' },
      ],
    });
    await settle();
    expect(bench.parts.registry.find('example.com', 'v1', 'lights')).toBeUndefined();
  });
});
