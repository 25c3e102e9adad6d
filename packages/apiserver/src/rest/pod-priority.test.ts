import { describe, expect, it } from 'vitest';
import type { JsonObject, KubeObject } from '../json.ts';
import { restBench, type RestBench } from '../testing/rest-bench.ts';

const classes = 'priorityclasses.scheduling.k8s.io/v1';

async function benchWith(...made: JsonObject[]): Promise<RestBench> {
  const bench = await restBench();
  await bench.ask('create', { resource: 'namespaces', body: { metadata: { name: 'default' } } });
  for (const { name = '', ...one } of made)
    await bench.ask('create', { resource: classes, body: { metadata: { name }, ...one } });
  return bench;
}

function create(bench: RestBench, spec: JsonObject): Promise<KubeObject> {
  const containers = [{ name: 'c', image: 'example/app:1' }];
  const body = { metadata: { name: 'p' }, spec: { containers, ...spec } };
  return bench.object('create', { resource: 'pods', body });
}

describe('a new pod', () => {
  it('has no priority where no class says one', async () => {
    await using bench = await benchWith({ name: 'high', value: 7 });
    expect((await create(bench, {}))['spec']).toMatchObject({
      ...{ priority: 0, preemptionPolicy: 'PreemptLowerPriority' },
    });
  });

  it('has that of its class', async () => {
    const patient = { name: 'patient', value: 7, preemptionPolicy: 'Never' };
    await using bench = await benchWith(patient);
    const { spec } = await create(bench, { priorityClassName: 'patient' });
    expect(spec).toMatchObject({ priority: 7, preemptionPolicy: 'Never' });
  });

  it('has that of the lowest default class', async () => {
    await using bench = await benchWith(
      { name: 'high', value: 9, globalDefault: true },
      { name: 'low', value: 3, globalDefault: true },
    );
    const { spec } = await create(bench, {});
    expect(spec).toMatchObject({ priority: 3, priorityClassName: 'low' });
  });

  it.each<[JsonObject, string]>([
    [{ priorityClassName: 'none' }, 'no PriorityClass with name none was found'],
    [{ priority: 5 }, 'the integer value of priority (5) must not be provided in pod spec'],
    [
      { priorityClassName: 'high', preemptionPolicy: 'Never' },
      'the string value of PreemptionPolicy ("Never") must not be provided in pod spec',
    ],
  ])('is refused with %j', async (spec, why) => {
    await using bench = await benchWith({ name: 'high', value: 9 });
    await expect(create(bench, spec)).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining(`pods "p" is forbidden: ${why}`) as unknown,
    });
  });

  it('may say again what its class says', async () => {
    await using bench = await benchWith({ name: 'high', value: 9 });
    const { spec } = await create(bench, { priorityClassName: 'high', priority: 9 });
    expect(spec).toMatchObject({ priority: 9 });
  });
});
