import { createHash } from 'node:crypto';
import { cloudHubConfig } from '@skerry/cloudhub/config';
import { edgeCoreConfig } from '@skerry/edgecore/config';
import { noEviction } from '@skerry/edgecore/node/node-config';
import { printConfig } from '@skerry/shared/config-print';
import { configApiVersion, readConfig, type ConfigKind } from '@skerry/shared/config';
import { printYaml } from '@skerry/shared/yaml';
import type { Identities } from './identities.ts';
import { loopback, nodeName, type Places, type UpSettings } from './settings.ts';

/** The hub's configuration for this machine, as a file with every field explained. */
export function hubConfigFile(settings: UpSettings, who: Identities): string {
  const { places, ports, logLevel } = settings;
  return explained(cloudHubConfig, {
    dataDir: places.cloudhub,
    api: { host: loopback, port: ports.api, authorityKey: who.ca.key },
    edges: { host: loopback, port: ports.edges, advertise: `${loopback}:${ports.edges}` },
    metrics: { host: loopback, port: ports.hubMetrics },
    tls: { ca: who.ca.cert, cert: who.hub.cert, key: who.hub.key },
    log: { level: logLevel },
    tracing: tracingOf(settings),
  });
}

/** The agent's configuration for this machine, as a file with every field explained. */
export function edgeConfigFile(settings: UpSettings, who: Identities): string {
  const { places, ports, logLevel, dockerHost } = settings;
  return explained(edgeCoreConfig, {
    nodeName,
    dataDir: places.edgecore,
    hub: { url: `wss://${loopback}:${ports.edges}` },
    tls: { ca: who.ca.cert, cert: who.node.cert, key: who.node.key },
    docker: { host: dockerHost, owner: ownerIn(places) },
    node: { eviction: noEviction },
    pods: { atShutdown: 'stop' },
    mqtt: { mode: 'embedded', host: loopback, port: ports.mqtt },
    localApi: { host: loopback, port: ports.localApi },
    metrics: { host: loopback, port: ports.edgeMetrics },
    log: { level: logLevel },
    tracing: tracingOf(settings),
  });
}

function tracingOf({ tracingEndpoint: endpoint }: UpSettings): object {
  return endpoint === undefined ? {} : { endpoint };
}

/** Two systems on one machine share its engine, and their nodes bear the same name. */
function ownerIn({ root }: Places): string {
  return `${nodeName}-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`;
}

function explained<T>(kind: ConfigKind<T>, settings: object): string {
  const text = printYaml({ apiVersion: configApiVersion, kind: kind.kind, ...settings });
  const file = { name: kind.kind, text };
  return printConfig(kind, readConfig(kind, { file, environment: {} }));
}
