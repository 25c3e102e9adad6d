import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Said } from '@skerry/shared/command-line';
import { Misconfiguration, UsageError } from '@skerry/shared/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { authorityOf, hubOf, simSettings } from './settings.ts';

/** What the command line says where nothing is said. */
const defaults = {
  nodes: '100',
  devices: '0',
  'report-seconds': '10',
  'changes-per-second': '1',
  'starts-per-second': '500',
  prefix: 'sim',
};

const said = (texts: Record<string, string>): Said => ({
  text: (name) => ({ ...defaults, ...texts })[name],
  flag: () => false,
  words: [],
});

describe('settings of skerry sim', () => {
  it('take hub, kubeconfig and authority from where skerry up keeps them', () => {
    const settings = simSettings(said({ 'data-dir': '/data' }));
    expect(settings).toMatchObject({
      kubeconfig: '/data/kubeconfig',
      pki: '/data/pki',
      nodes: 100,
    });
    expect(settings.durationSeconds).toBeUndefined();
  });

  it.each([
    ['nodes', '0'],
    ['nodes', '1.5'],
    ['nodes', '50001'],
    ['devices', '-1'],
    ['duration', 'long'],
    ['report-seconds', '0'],
    ['prefix', 'Sim_'],
    ['hub', 'hub.example:10000'],
    ['hub', 'ws://hub.example:10000'],
  ])('refuse --%s %s', (flag, text) => {
    expect(() => simSettings(said({ [flag]: text }))).toThrow(UsageError);
  });
});

describe('what skerry up left', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'skerry-sim-'));
  });

  afterEach(() => rm(directory, { recursive: true }));

  it('names the port of its hub', async () => {
    await mkdir(join(directory, 'config'));
    const config = [
      'apiVersion: config.skerry.io/v1alpha1',
      'kind: CloudHubConfiguration',
      'tls: { ca: ca.crt, cert: hub.crt, key: hub.key }',
      'edges: { port: 13000 }',
    ];
    await writeFile(join(directory, 'config', 'cloudhub.yaml'), config.join('\n'));
    expect(await hubOf(simSettings(said({ 'data-dir': directory })))).toBe('wss://127.0.0.1:13000');
  });

  it('is said to be missing where it is', async () => {
    const settings = simSettings(said({ 'data-dir': directory }));
    await expect(hubOf(settings)).rejects.toThrow(Misconfiguration);
    await expect(authorityOf(settings)).rejects.toThrow(Misconfiguration);
  });
});
