import { isIP } from 'node:net';
import type { ConfigKind } from '@skerry/shared/config';
import type { ReportClass } from '@skerry/shared/delivery/report';
import {
  choice,
  integer,
  port,
  section,
  text,
  texts,
  url,
  urls,
  type Section,
} from '@skerry/shared/config-fields';
import {
  logSection,
  tlsSection,
  tracingSection,
  type LogConfig,
  type TlsConfig,
  type TracingConfig,
} from '@skerry/shared/config-sections';
import { alarmsSection, type AlarmsConfig } from './alarms/alarms-config.ts';
import { defaultHistoryPolicy, type HistoryPolicy } from './devices/history.ts';
import { judgementSection, type JudgementConfig } from './judgement/judgement-config.ts';
import type { LocalApiConfig } from './localapi/run-local-api.ts';
import { nodeSection, type NodeConfig } from './node/node-config.ts';
import { defaultRedial } from './link/redial.ts';
import { noClusterDns } from './pods/pod-dns.ts';
import {
  defaultReportPolicies,
  overflowPolicies,
  type ReportPolicies,
  type ReportPolicy,
} from './link/report-policy.ts';

/** Who carries the messages between this node and its devices. */
export interface MqttConfig {
  readonly mode: 'embedded' | 'external';
  /** Where the embedded broker listens. */
  readonly host: string;
  readonly port: number;
  /** The external broker; without one, `mqtt://<host>:<port>`. */
  readonly url?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** PEM file. */
  readonly ca?: string | undefined;
  readonly version: '3.1.1' | '5';
  readonly session: 'persistent' | 'clean';
}

/** The container engine. */
export interface DockerConfig {
  /** In the form of DOCKER_HOST. */
  readonly host: string;
  /** Whose containers are ours; absent: those marked with the node's name. */
  readonly owner?: string | undefined;
}

/** What becomes of pods when the agent is told to end. */
export interface PodsConfig {
  readonly atShutdown: 'keep' | 'stop';
  /** Manifests of pods that run here whatever the cluster says. */
  readonly staticDir?: string | undefined;
  /** Addresses of who resolves the cluster's names; none: nobody does here. */
  readonly clusterDNS: readonly string[];
  readonly clusterDomain: string;
}

export interface HubConfig {
  readonly url: string;
  readonly alternates: readonly string[];
  readonly dialTimeoutSeconds: number;
  /** Bounds of the delay before a new attempt. */
  readonly redial: {
    readonly firstMs: number;
    readonly maxMs: number;
    readonly unreachableMaxMs: number;
  };
}

/** What the agent can be told; meaning, unit and default of each field stand in `edgeCoreConfig`. */
export interface EdgeCoreConfig {
  readonly nodeName?: string | undefined;
  readonly dataDir: string;
  readonly hub: HubConfig;
  readonly tls: TlsConfig;
  readonly docker: DockerConfig;
  readonly node: NodeConfig;
  readonly pods: PodsConfig;
  readonly mqtt: MqttConfig;
  readonly reports: ReportPolicies;
  readonly history: HistoryPolicy;
  readonly judgement: JudgementConfig;
  readonly uploads: { readonly url?: string | undefined };
  readonly alarms: AlarmsConfig;
  readonly localApi: LocalApiConfig;
  readonly metrics: { readonly host: string; readonly port: number };
  readonly tracing: TracingConfig;
  readonly log: LogConfig;
}

export const edgeCoreConfig: ConfigKind<EdgeCoreConfig> = {
  kind: 'EdgeCoreConfiguration',
  fields: {
    nodeName: text({
      doc: 'Name of this node. Its certificate decides; a name given here must be the same.',
      optional: true,
    }),
    dataDir: text({
      doc: 'Where the node keeps everything it needs while it is cut off.',
      default: '/var/lib/skerry/edgecore',
    }),
    hub: section('The cloud side.', {
      url: url(['wss'], { doc: 'Where the hub listens for edge nodes.' }),
      alternates: urls(['wss'], {
        doc: 'Further hubs of the same cluster, tried in turn when one does not answer.',
        default: [],
      }),
      dialTimeoutSeconds: integer(
        { min: 1, max: 300, unit: 'seconds' },
        { doc: 'How long one attempt to connect may take.', default: 5 },
      ),
      redial: section('Delays between attempts: exponential, with full jitter.', {
        firstMs: integer(
          { min: 10, max: 60_000, unit: 'milliseconds' },
          { doc: 'Upper bound of the first delay.', default: defaultRedial.firstMs },
        ),
        maxMs: integer(
          { min: 10, max: 3_600_000, unit: 'milliseconds' },
          {
            doc: 'Upper bound of the delay when a hub does not take us in.',
            default: defaultRedial.maxMs,
          },
        ),
        unreachableMaxMs: integer(
          { min: 10, max: 3_600_000, unit: 'milliseconds' },
          {
            doc: 'Upper bound of the delay while no hub answers.',
            default: defaultRedial.unreachableMaxMs,
          },
        ),
      }),
    }),
    tls: tlsSection('node', 'The certificate says which node this is.'),
    docker: section('The container engine.', {
      host: text({
        doc: 'Its API: unix://… or tcp://…. Without an engine, process pods still run.',
        default: 'unix:///var/run/docker.sock',
      }),
      owner: text({
        doc: 'What our containers are marked with, in place of the name of the node. Agents that share an engine must differ in it.',
        optional: true,
      }),
    }),
    node: nodeSection,
    pods: section('What runs here.', {
      atShutdown: choice(['keep', 'stop'], {
        doc: 'When the agent is told to end, its pods run on, or are stopped with it.',
        default: 'keep',
      }),
      staticDir: text({
        doc: 'Directory of manifests, *.yaml and *.json: pods that run here with or without a cluster, which sees mirrors of them.',
        optional: true,
      }),
      clusterDNS: texts(
        {
          doc: 'Who resolves the names of the cluster, for pods whose dnsPolicy is ClusterFirst. Without one they resolve as the machine does.',
          default: [],
        },
        { expects: 'an IP address', is: (value) => isIP(value) !== 0 },
      ),
      clusterDomain: text({
        doc: 'What the names of the cluster end in.',
        default: noClusterDns.domain,
      }),
    }),
    mqtt: section('The message broker between this node and its devices.', {
      mode: choice(['embedded', 'external'], {
        doc: 'Our own broker, or one that is already there.',
        default: 'embedded',
      }),
      host: text({ doc: 'Address of the broker.', default: '127.0.0.1' }),
      port: port({ doc: 'Port of the broker.', default: 1883 }),
      url: url(['mqtt', 'mqtts', 'ws', 'wss'], {
        doc: 'The external broker as a URL, in place of host and port.',
        optional: true,
      }),
      username: text({ doc: 'For the external broker.', optional: true }),
      password: text({ doc: 'For the external broker.', optional: true, secret: true }),
      ca: text({ doc: 'PEM file: whom to trust as the external broker.', optional: true }),
      version: choice(['3.1.1', '5'], {
        doc: 'The MQTT that the external broker is spoken to in.',
        default: '3.1.1',
      }),
      session: choice(['persistent', 'clean'], {
        doc: 'Whether the external broker keeps for us what is published while we are away.',
        default: 'persistent',
      }),
    }),
    reports: section('What the node has to say, while it cannot be delivered.', {
      status: reportSection('The newest state of each object.', 'status'),
      event: reportSection('Events.', 'event'),
      telemetry: reportSection('Readings of devices.', 'telemetry'),
    }),
    history: section('What devices said, for people and programs at the node.', {
      quotaBytes: integer(
        { min: 65_536, max: 2 ** 40, unit: 'bytes' },
        { doc: 'Kept on disk; the oldest goes first.', default: defaultHistoryPolicy.quotaBytes },
      ),
      maxAgeSeconds: integer(
        { min: 60, max: 315_360_000, unit: 'seconds' },
        { doc: 'What is older goes.', default: defaultHistoryPolicy.maxAgeSeconds },
      ),
    }),
    judgement: judgementSection,
    uploads: section(
      'What programs publish for the cloud: $hw/events/upload/#, SYS/dis/upload_records, NODE/user/#.',
      {
        url: url(['http', 'https'], {
          doc: 'Where it is posted, as lists of JSON. Absent: it is not taken, which the log tells.',
          optional: true,
        }),
      },
    ),
    alarms: alarmsSection,
    localApi: section('The Kubernetes API over what this node holds, connected or not.', {
      host: text({ doc: 'Address to listen at, HTTP and HTTPS.', default: '127.0.0.1' }),
      port: port({ doc: 'Port to listen at.', default: 10550 }),
      socket: text({
        doc: 'Unix socket for the administrator of the node. Without it, /run/skerry/edgecore.sock where dataDir is the default, else <dataDir>/local-api/api.sock.',
        optional: true,
      }),
    }),
    metrics: section('Plain HTTP: /livez, /readyz, /metrics, /log-level, /judgements, /alerts.', {
      host: text({ doc: 'Address to listen at.', default: '127.0.0.1' }),
      port: port({ doc: 'Port to listen at.', default: 9641 }),
    }),
    tracing: tracingSection,
    log: logSection,
  },
};

/** How one class of reports is kept. */
function reportSection(doc: string, kind: ReportClass): Section<ReportPolicy> {
  const { quotaBytes, ttlSeconds, overflow, weight } = defaultReportPolicies[kind];
  return section(doc, {
    quotaBytes: integer(
      { min: 65_536, max: 2 ** 40, unit: 'bytes' },
      { doc: 'Payload kept on disk.', default: quotaBytes },
    ),
    ttlSeconds: integer(
      { min: 0, max: 315_360_000, unit: 'seconds' },
      { doc: 'What is older is given up; 0: nothing is.', default: ttlSeconds },
    ),
    overflow: choice(overflowPolicies, {
      doc: 'What gives way beyond the quota: what has waited longest, the newcomer, or first what a newer report of the same key stands behind.',
      default: overflow,
    }),
    weight: integer(
      { min: 1, max: 1_000, unit: 'reports' },
      { doc: 'Sent in one round, while reports of other classes wait.', default: weight },
    ),
  });
}
