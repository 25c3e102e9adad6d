import { describe, expect, it } from 'vitest';
import type { Said } from '@skerry/shared/command-line';
import { UsageError } from '@skerry/shared/errors';
import { upSettings } from './settings.ts';

const said = (texts: Record<string, string>, flags: string[] = []): Said => ({
  text: (name) => texts[name],
  flag: (name) => flags.includes(name),
  words: [],
});

describe('settings of skerry up', () => {
  it('keep everything under one directory, at the usual ports', () => {
    const { places, ports, dockerHost } = upSettings(said({ 'data-dir': '/data' }), {});
    expect(places.kubeconfig).toBe('/data/kubeconfig');
    expect(ports).toMatchObject({ api: 6443, edges: 10_000, mqtt: 1883 });
    expect(dockerHost).toBe('unix:///var/run/docker.sock');
  });

  it('shift every port by the same', () => {
    const plain = Object.values(upSettings(said({}), {}).ports) as number[];
    const shifted = Object.values(upSettings(said({ 'port-offset': '100' }), {}).ports) as number[];
    expect(shifted).toEqual(plain.map((port) => port + 100));
  });

  it.each(['-1', '1.5', 'high', '60000', ''])('refuse the offset %j', (offset) => {
    expect(() => upSettings(said({ 'port-offset': offset }), {})).toThrow(UsageError);
  });

  it('take the container engine from DOCKER_HOST', () => {
    const environment = { DOCKER_HOST: 'unix:///run/user/1000/docker.sock' };
    expect(upSettings(said({}), environment).dockerHost).toBe(environment.DOCKER_HOST);
  });
});
