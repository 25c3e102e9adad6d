import { describe, expect, it } from 'vitest';
import { listAt, textAt, valueAt, type Json, type JsonObject, type KubeObject } from '../json.ts';
import { StatusError } from '../status-error.ts';
import { restBench, type RestBench } from '../testing/rest-bench.ts';

const one = { resource: 'deployments.apps/v1', name: 'd' };
const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

interface Wanted {
  readonly image?: string;
  readonly replicas?: number;
  readonly sidecar?: string;
  readonly annotations?: Record<string, string>;
}

function deployment({ image = 'app:1', replicas, sidecar, annotations }: Wanted = {}): KubeObject {
  const containers: Json[] = [{ name: 'c', image }];
  if (sidecar !== undefined) containers.push({ name: 'sidecar', image: sidecar });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', ...(annotations && { annotations }) },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: { app: 'd' } },
      template: { metadata: { labels: { app: 'd' } }, spec: { containers } },
    },
  };
}

async function benchWithNamespace(): Promise<RestBench> {
  const bench = await restBench();
  await bench.ask('create', { resource: 'namespaces', body: { metadata: { name: 'default' } } });
  return bench;
}

function apply(bench: RestBench, manager: string, body: Json, more = ''): Promise<KubeObject> {
  const mediaType = 'application/apply-patch+yaml';
  return bench.object('patch', {
    ...one,
    body,
    mediaType,
    query: `fieldManager=${manager}${more}`,
  });
}

async function refusal(asked: Promise<unknown>): Promise<StatusError> {
  const failure = await asked.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof StatusError) return failure;
  throw new Error('it was not refused');
}

/** Who owns something: the managers and what they did. */
function managers(object: KubeObject): string[] {
  return listAt(object, 'metadata', 'managedFields').map((entry) => {
    const subresource = textAt(entry, 'subresource') ?? '';
    return `${textAt(entry, 'manager')} ${textAt(entry, 'operation')} ${subresource}`.trim();
  });
}

function imageOf(object: KubeObject, at: number): Json | undefined {
  return valueAt(listAt(object, 'spec', 'template', 'spec', 'containers')[at], 'image');
}

describe('a server-side apply', () => {
  it('leaves to an autoscaler what it does not name', async () => {
    await using bench = await benchWithNamespace();
    await apply(bench, 'owner', deployment());
    await bench.ask('patch', {
      ...one,
      body: { spec: { replicas: 7 } },
      mediaType: 'application/merge-patch+json',
    });
    const again = await apply(bench, 'owner', deployment({ image: 'app:2' }));
    expect(valueAt(again, 'spec', 'replicas')).toBe(7);
    expect(managers(again)).toEqual(['owner Apply', 'test Update']);
  });

  it('is refused where it would change what another owns, names each field, and wins by force', async () => {
    await using bench = await benchWithNamespace();
    await apply(bench, 'one', deployment({ image: 'app:1', replicas: 1 }));
    const other = deployment({ image: 'app:2', replicas: 2 });
    const { status, reason, details } = await refusal(apply(bench, 'two', other));
    expect([status, reason]).toEqual([409, 'Conflict']);
    expect(details?.causes?.map(({ field }) => field)).toEqual([
      '.spec.replicas',
      '.spec.template.spec.containers[name="c"].image',
    ]);
    const forced = await apply(bench, 'two', other, '&force=true');
    expect([valueAt(forced, 'spec', 'replicas'), imageOf(forced, 0)]).toEqual([2, 'app:2']);
    const back = await refusal(apply(bench, 'one', deployment({ replicas: 3 })));
    expect(back.message).toContain('conflicts with "two":\n- .spec.replicas\n');
  });

  it('takes away a container with everything it had when only it owned it', async () => {
    await using bench = await benchWithNamespace();
    await apply(bench, 'one', deployment({ sidecar: 'proxy:1' }));
    const without = await apply(bench, 'one', deployment());
    expect(listAt(without, 'spec', 'template', 'spec', 'containers')).toHaveLength(1);
  });

  it('keeps a container that somebody else also applies', async () => {
    await using bench = await benchWithNamespace();
    await apply(bench, 'one', deployment({ sidecar: 'proxy:1' }));
    await apply(bench, 'two', deployment({ sidecar: 'proxy:1' }));
    const left = await apply(bench, 'one', deployment());
    expect(imageOf(left, 1)).toBe('proxy:1');
  });

  it('of a status changes nothing but the status, and has owners of its own', async () => {
    await using bench = await benchWithNamespace();
    await apply(bench, 'owner', deployment({ replicas: 1 }));
    const applied = await bench.object('patch', {
      ...one,
      subresource: 'status',
      mediaType: 'application/apply-patch+yaml',
      query: 'fieldManager=controller',
      body: { ...deployment({ replicas: 9 }), status: { replicas: 1, observedGeneration: 1 } },
    });
    expect(valueAt(applied, 'spec', 'replicas')).toBe(1);
    expect(valueAt(applied, 'status', 'observedGeneration')).toBe(1);
    expect(managers(applied)).toEqual(['controller Apply status', 'owner Apply']);
  });

  it('by kubectl takes over what kubectl has applied itself, without a conflict', async () => {
    await using bench = await benchWithNamespace();
    const first = deployment({ replicas: 2 });
    const body = deployment({ replicas: 2, annotations: { [annotation]: JSON.stringify(first) } });
    const query = 'fieldManager=kubectl-client-side-apply';
    await bench.ask('create', { resource: one.resource, body, query });
    const next = deployment({ image: 'app:2', replicas: 2 });
    expect((await refusal(apply(bench, 'somebody', next))).status).toBe(409);
    const applied = await apply(bench, 'kubectl', next);
    expect(imageOf(applied, 0)).toBe('app:2');
    const last = JSON.parse(textAt(applied, 'metadata', 'annotations', annotation) ?? '') as Json;
    expect(last).toMatchObject(next);
  });

  it('by kubectl is refused where somebody has changed what kubectl applied', async () => {
    await using bench = await benchWithNamespace();
    const first = deployment({ replicas: 2 });
    const body = deployment({ replicas: 2, annotations: { [annotation]: JSON.stringify(first) } });
    await bench.ask('create', { resource: one.resource, body, query: 'fieldManager=kubectl' });
    await bench.ask('patch', {
      ...one,
      body: { spec: { replicas: 5 } },
      mediaType: 'application/merge-patch+json',
    });
    const { details } = await refusal(apply(bench, 'kubectl', deployment({ replicas: 3 })));
    expect(details?.causes?.map(({ field }) => field)).toEqual(['.spec.replicas']);
  });
});

describe('the owners of fields', () => {
  it('are those that a write names itself', async () => {
    await using bench = await benchWithNamespace();
    await bench.ask('create', { resource: one.resource, body: deployment({ replicas: 2 }) });
    const held = await bench.object('get', one);
    const [entry] = listAt(held, 'metadata', 'managedFields') as JsonObject[];
    const handedOver = { ...entry, manager: 'kubectl', operation: 'Apply' };
    const patched = await bench.object('patch', {
      ...one,
      mediaType: 'application/json-patch+json',
      body: [{ op: 'replace', path: '/metadata/managedFields', value: [handedOver] }],
    });
    expect(managers(patched)).toEqual(['kubectl Apply']);
    const applied = await apply(bench, 'kubectl', deployment());
    expect(valueAt(applied, 'spec', 'replicas')).toBe(1); // no longer named, so the default again
  });

  it('are nobody once one empty entry has struck them out, until the first apply', async () => {
    await using bench = await benchWithNamespace();
    await bench.ask('create', { resource: one.resource, body: deployment({ replicas: 2 }) });
    const merge = (body: Json): Promise<KubeObject> =>
      bench.object('patch', { ...one, body, mediaType: 'application/merge-patch+json' });
    const struck = await merge({ metadata: { managedFields: [{}] } });
    expect(valueAt(struck, 'metadata', 'managedFields')).toBeUndefined();
    expect(managers(await merge({ spec: { replicas: 3 } }))).toEqual([]);
    const refused = await refusal(apply(bench, 'kubectl', deployment({ replicas: 4 })));
    expect(refused.message).toContain('conflict with "before-first-apply" using apps/v1');
    const applied = await apply(bench, 'kubectl', deployment({ replicas: 3 }));
    expect(managers(applied)).toEqual(['kubectl Apply', 'before-first-apply Update']);
  });

  it('stay when a write names what are no owners, and when a status names any', async () => {
    await using bench = await benchWithNamespace();
    await bench.ask('create', { resource: one.resource, body: deployment() });
    const merge = (body: Json, subresource = ''): Promise<KubeObject> =>
      bench.object('patch', {
        ...one,
        subresource,
        body,
        mediaType: 'application/merge-patch+json',
      });
    const wrong = await merge({ metadata: { managedFields: [{ manager: 'x' }] } });
    expect(managers(wrong)).toEqual(['test Update']);
    const status = await merge({ metadata: { managedFields: [{}] } }, 'status');
    expect(managers(status)).toEqual(['test Update']);
  });
});
