import type { ConfigKind } from '@skerry/shared/config';
import { choice, integer, port, section, text } from '@skerry/shared/config-fields';
import {
  logSection,
  tlsSection,
  tracingSection,
  type LogConfig,
  type TlsConfig,
  type TracingConfig,
} from '@skerry/shared/config-sections';

/** A TCP address to listen at. */
export interface ListenConfig {
  readonly host: string;
  readonly port: number;
}

/** The embedded Kubernetes API. */
export interface ApiConfig extends ListenConfig {
  readonly authorityKey?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly auditLog?: string | undefined;
  readonly auditLogMegabytes: number;
  readonly auditLogBackups: number;
}

/** What the hub can be told; meaning, unit and default of each field stand in `cloudHubConfig`. */
export interface CloudHubConfig {
  readonly dataDir: string;
  /** Absent: the hub serves the embedded Kubernetes API itself. */
  readonly kubeconfig?: string | undefined;
  readonly api: ApiConfig;
  readonly edges: ListenConfig & { readonly advertise?: string | undefined };
  readonly metrics: ListenConfig;
  readonly tls: TlsConfig;
  readonly maxNodes: number;
  readonly heartbeatSeconds: number;
  readonly drainSeconds: number;
  readonly nodeMonitorGraceSeconds: number;
  readonly alarms: { readonly shipped: 'on' | 'off' };
  readonly upstream: { readonly coalesceMs: number };
  readonly window: { readonly frames: number; readonly bytes: number };
  readonly tracing: TracingConfig;
  readonly log: LogConfig;
}

export const cloudHubConfig: ConfigKind<CloudHubConfig> = {
  kind: 'CloudHubConfiguration',
  fields: {
    dataDir: text({
      doc: 'Where the hub keeps its ledger and, without a cluster, the Kubernetes objects.',
      default: '/var/lib/skerry/cloudhub',
    }),
    kubeconfig: text({
      doc: 'The cluster to extend. Absent: the hub serves a Kubernetes API itself.',
      optional: true,
    }),
    api: section('The embedded Kubernetes API; unused when a kubeconfig is given.', {
      host: text({ doc: 'Address to listen at.', default: '127.0.0.1' }),
      port: port({ doc: 'Port to listen at; TLS.', default: 6443 }),
      authorityKey: text({
        doc: 'PEM file with the key of tls.ca: signs client certificates that were requested and approved. Absent: such requests wait for another signer.',
        optional: true,
      }),
      tokenFile: text({
        doc: 'File of tokens that are taken as proof of who asks, in lines of token,user,uid,"group1,group2"; read at the start.',
        optional: true,
      }),
      auditLog: text({
        doc: 'File to write down who did what, as JSON lines of audit.k8s.io/v1 Events of the level Metadata. Absent: nowhere.',
        optional: true,
      }),
      auditLogMegabytes: integer(
        { min: 1, max: 10_000, unit: 'megabytes' },
        { doc: 'How large the audit log grows before another file is begun.', default: 100 },
      ),
      auditLogBackups: integer(
        { min: 0, max: 1_000 },
        {
          doc: 'How many full files of the audit log are kept: auditLog.1, the newest, and on.',
          default: 5,
        },
      ),
    }),
    edges: section(
      'Where edge nodes connect: WebSockets over mutual TLS. People ask there for what only nodes know.',
      {
        host: text({ doc: 'Address to listen at.', default: '0.0.0.0' }),
        port: port({ doc: 'Port to listen at.', default: 10_000 }),
        advertise: text({
          doc: 'Where people reach this hub, HOST:PORT; its nodes bear it as status.hub of their NodeSync. Absent: the name of this machine, and the port.',
          optional: true,
        }),
      },
    ),
    metrics: section('Plain HTTP: /livez, /readyz, /metrics, /log-level.', {
      host: text({ doc: 'Address to listen at.', default: '0.0.0.0' }),
      port: port({ doc: 'Port to listen at.', default: 9640 }),
    }),
    tls: tlsSection(
      'hub',
      'One certificate for both listeners. The hub shows it to the API it embeds, too: then it must name O=system:masters.',
    ),
    maxNodes: integer(
      { min: 1, max: 1_000_000, unit: 'nodes' },
      {
        doc: 'Edge nodes that may be connected at once; a further one is told so.',
        default: 50_000,
      },
    ),
    heartbeatSeconds: integer(
      { min: 1, max: 300, unit: 'seconds' },
      { doc: 'How often an edge node shows that it lives.', default: 10 },
    ),
    nodeMonitorGraceSeconds: integer(
      { min: 3, max: 3600, unit: 'seconds' },
      { doc: 'Silence after which a node is shown as not ready.', default: 40 },
    ),
    alarms: section('What the hub alone can see: that nothing is heard of a node.', {
      shipped: choice(['on', 'off'], {
        doc: 'Whether the rule node-silent that ships with the hub is on. An AlertRule of that name replaces it.',
        default: 'on',
      }),
    }),
    drainSeconds: integer(
      { min: 0, max: 600, unit: 'seconds' },
      {
        doc: 'When the hub is told to end, its nodes are sent to other hubs one group after the other, in so much time at most; a few go at once.',
        default: 10,
      },
    ),
    upstream: section('What nodes report, on its way to the API server.', {
      coalesceMs: integer(
        { min: 0, max: 60_000, unit: 'milliseconds' },
        {
          doc: 'Time between two writes of one object; the first after a quiet time goes at once.',
          default: 200,
        },
      ),
    }),
    window: section('What may be under way to one node, sent and not yet acknowledged.', {
      frames: integer(
        { min: 1, max: 65_535, unit: 'changes' },
        { doc: 'At most so many changes.', default: 256 },
      ),
      bytes: integer(
        { min: 65_536, max: 268_435_456, unit: 'bytes' },
        { doc: 'At most so many bytes.', default: 1_048_576 },
      ),
    }),
    tracing: tracingSection,
    log: logSection,
  },
};
