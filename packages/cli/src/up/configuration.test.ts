import { describe, expect, it } from 'vitest';
import { cloudHubConfig } from '@skerry/cloudhub/config';
import { edgeCoreConfig } from '@skerry/edgecore/config';
import { readConfig } from '@skerry/shared/config';
import { edgeConfigFile, hubConfigFile } from './configuration.ts';
import type { Identities } from './identities.ts';
import { placesIn, type UpSettings } from './settings.ts';

const settings: UpSettings = {
  places: placesIn('/data'),
  ports: { api: 1, edges: 2, hubMetrics: 3, edgeMetrics: 4, localApi: 7, mqtt: 5, hello: 6 },
  logLevel: 'debug',
  fresh: false,
  demo: true,
  dockerHost: 'unix:///run/docker.sock',
};
const files = (name: string) => ({ cert: `/data/pki/${name}.crt`, key: `/data/pki/${name}.key` });
const who = { ca: files('ca'), hub: files('hub'), node: files('edge-1') } as Identities;

describe('the files that skerry up writes', () => {
  it('tell the hub to embed an API, all of it on this machine', () => {
    const file = { name: 'cloudhub.yaml', text: hubConfigFile(settings, who) };
    expect(readConfig(cloudHubConfig, { file, environment: {} })).toMatchObject({
      dataDir: '/data/cloudhub',
      kubeconfig: undefined,
      api: { host: '127.0.0.1', port: 1, authorityKey: '/data/pki/ca.key' },
      edges: { host: '127.0.0.1', port: 2 },
      tls: { cert: '/data/pki/hub.crt' },
    });
  });

  it('tell the agent where the hub and the container engine are', () => {
    const file = { name: 'edgecore.yaml', text: edgeConfigFile(settings, who) };
    expect(readConfig(edgeCoreConfig, { file, environment: {} })).toMatchObject({
      nodeName: 'edge-1',
      hub: { url: 'wss://127.0.0.1:2' },
      docker: { host: 'unix:///run/docker.sock' },
      mqtt: { mode: 'embedded', port: 5 },
      log: { level: 'debug' },
    });
  });

  it('tell both where traces go, if anywhere', () => {
    const endpoint = 'http://127.0.0.1:4318/v1/traces';
    const traced = { ...settings, tracingEndpoint: endpoint };
    for (const [kind, print] of [
      [cloudHubConfig, hubConfigFile],
      [edgeCoreConfig, edgeConfigFile],
    ] as const) {
      const tracing = (text: string): unknown =>
        readConfig<{ tracing: object }>(kind, { file: { name: 'file', text }, environment: {} })
          .tracing;
      expect(tracing(print(traced, who))).toMatchObject({ endpoint });
      expect(tracing(print(settings, who))).not.toHaveProperty('endpoint', expect.anything());
    }
  });

  it('explain every field to whoever opens them', () => {
    expect(hubConfigFile(settings, who)).toContain('# How often an edge node shows that it lives.');
  });
});
