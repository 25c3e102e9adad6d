import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { serveApi, type ServedApi } from '@skerry/apiserver/testing/served-api';
import { parseYaml, parseYamlStream } from '@skerry/shared/yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everyField } from '../support/every-field.ts';
import { Kubectl, KubectlFailed } from '../support/kubectl.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const group = 'devices.kubeedge.io';

describe('the kinds of devices', () => {
  let api: ServedApi;
  let kubectl: Kubectl;

  beforeAll(async () => {
    api = await serveApi();
    kubectl = new Kubectl(api.kubeconfig);
    await kubectl.run(['apply', '-f', `${root}deploy/crds/`]);
    for (const plural of ['devices', 'devicemodels'])
      await kubectl.run(['wait', '--for=condition=Established', 'crd', `${plural}.${group}`]);
  });

  afterAll(() => api[Symbol.asyncDispose]());

  it('take a manifest with every field, and keep every field', async () => {
    await kubectl.run(['apply', '--validate=strict', '-f', '-'], everyField('edge-1'));
    for (const wanted of parseYamlStream(everyField('edge-1'), 'every-field.yaml')) {
      const { kind, spec } = wanted as { kind: string; spec: object };
      const held = await kubectl.json<{ spec: object }>('get', kind, 'every-field');
      expect(held.spec).toEqual(spec);
    }
  });

  it('take the example, and are shown in columns that help', async () => {
    for (const file of ['device-model.yaml', 'device.yaml'])
      await kubectl.run([
        'apply',
        '--validate=strict',
        '-f',
        `${root}examples/thermometer/${file}`,
      ]);
    const status = {
      state: 'online',
      lastOnlineTime: new Date().toISOString().replace(/\.\d+/, ''),
      twins: [{ propertyName: 'temperature', reported: { value: '21' } }],
    };
    const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })];
    await kubectl.run(['patch', 'device', 'thermometer', ...patch]);
    const table = await kubectl.run(['get', 'dev', 'thermometer']);
    expect(
      table
        .split('\n')[0]
        ?.split(/ {2,}/)
        .map((column) => column.trim()),
    ).toEqual(['NAME', 'NODE', 'MODEL', 'PROTOCOL', 'STATE', 'LAST HEARD', 'AGE']);
    expect(table).toMatch(/thermometer +edge-1 +thermometer +mqtt +online +\d+s +/);
    expect(await kubectl.run(['get', 'dm', 'thermometer'])).toMatch(/thermometer +mqtt/);
    expect(await kubectl.run(['get', 'edge', '-o', 'name'])).toContain('/thermometer');
  });

  it('bump the generation with the spec, and not with the status', async () => {
    const generation = async (): Promise<number> => {
      const { metadata } = await kubectl.json<{ metadata: { generation: number } }>(
        ...['get', 'device', 'every-field'],
      );
      return metadata.generation;
    };
    const before = await generation();
    const desired = JSON.stringify([
      { op: 'replace', path: '/spec/properties/0/desired/value', value: '200' },
    ]);
    await kubectl.run(['patch', 'device', 'every-field', '--type=json', '-p', desired]);
    expect(await generation()).toBe(before + 1);
    const status = JSON.stringify({ status: { state: 'offline' } });
    const patch = ['--subresource=status', '--type=merge', '-p', status];
    await kubectl.run(['patch', 'device', 'every-field', ...patch]);
    expect(await generation()).toBe(before + 1);
  });

  it.each([
    ['a type that is none', { type: 'COMPLEX' }],
    ['an access mode that is none', { accessMode: 'WriteOnly' }],
    ['no name', { name: undefined }],
    ['bounds that no value fits', { type: 'FLOAT', minimum: '10', maximum: '9.5' }],
    ['a bound that is no number', { type: 'INT', minimum: 'cold', maximum: '9' }],
  ])('refuse a model with %s', async (_what, wrong) => {
    const file = await readFile(`${root}examples/thermometer/device-model.yaml`, 'utf8');
    const model = parseYaml(file, 'device-model.yaml').value as { spec: { properties: object[] } };
    model.spec.properties[0] = { ...model.spec.properties[0], ...wrong };
    await expect(kubectl.apply(model)).rejects.toThrow(KubectlFailed);
  });

  it.each([
    ['a name that no topic can carry', { name: 'two words' }],
    ['a desired value that is too long', { desired: { value: 'x'.repeat(4_097) } }],
    ['a cycle that runs backwards', { collectCycle: -1 }],
    ['a quality of service that is none', { pushMethod: { mqtt: { topic: 't', qos: 3 } } }],
  ])('refuse a property of a device with %s', async (_what, wrong) => {
    const device = parseYamlStream(everyField('edge-1'), 'every-field.yaml')[1] as {
      spec: { properties: object[] };
    };
    device.spec.properties[0] = { ...device.spec.properties[0], ...wrong };
    await expect(kubectl.apply(device)).rejects.toThrow(/invalid|Invalid|must|should/);
  });
});
