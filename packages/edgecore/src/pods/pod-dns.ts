import { readFile } from 'node:fs/promises';
import type { DnsSettings } from '../runtime/container-spec.ts';
import type { PodObject } from './pod.ts';

/** Where a machine with systemd-resolved has its real servers: its resolv.conf names only itself. */
const RESOLVED_PATH = '/run/systemd/resolve/resolv.conf';
const RESOLV_CONF_PATH = '/etc/resolv.conf';

/** Who resolves the names of a cluster where the node can ask it, and what these names end in. */
export interface ClusterDns {
  /** Addresses; none: the cluster's names are not resolved here. */
  readonly nameservers: readonly string[];
  readonly domain: string;
}

/** A cluster whose names nobody resolves at the edge. */
export const noClusterDns: ClusterDns = { nameservers: [], domain: 'cluster.local' };

/**
 * How the pod resolves names; undefined when as the machine does, which engines do by themselves. Where
 * there is no cluster DNS, `ClusterFirst` is `Default`, as with a kubelet that was told of none.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy
 */
export async function podDns(
  pod: PodObject,
  cluster: ClusterDns,
): Promise<DnsSettings | undefined> {
  const { dnsPolicy, dnsConfig } = pod.spec;
  const isOfCluster = cluster.nameservers.length > 0 && asksCluster(pod);
  if (!isOfCluster && !dnsConfig) return undefined;
  const machine = dnsPolicy === 'None' ? nothing : await machineDns();
  const first = isOfCluster ? clusterFirst(pod, cluster, machine) : machine;
  return dnsConfig ? mergedDns(first, dnsConfig) : first;
}

const nothing: DnsSettings = { nameservers: [], searches: [], options: [] };

/** A pod in the machine's network resolves as the machine does, unless it asks for more. */
function asksCluster({ spec: { dnsPolicy = 'ClusterFirst', hostNetwork } }: PodObject): boolean {
  if (dnsPolicy === 'ClusterFirst') return hostNetwork !== true;
  return dnsPolicy === 'ClusterFirstWithHostNet';
}

/** The cluster's names as a kubelet writes them, before those of the machine. */
export function clusterFirst(
  { metadata }: PodObject,
  { nameservers, domain }: ClusterDns,
  { searches }: DnsSettings,
): DnsSettings {
  const own = [`${metadata.namespace}.svc.${domain}`, `svc.${domain}`, domain];
  return { nameservers, searches: [...new Set([...own, ...searches])], options: ['ndots:5'] };
}

/** What the pod says is added to what is there; an option of the same name is replaced. */
export function mergedDns(
  { nameservers, searches, options }: DnsSettings,
  own: NonNullable<PodObject['spec']['dnsConfig']>,
): DnsSettings {
  const merged = new Map(options.map((option) => [option.split(':', 1)[0] ?? option, option]));
  for (const { name = '', value } of own.options ?? [])
    merged.set(name, value === undefined ? name : `${name}:${value}`);
  return {
    nameservers: [...new Set([...nameservers, ...(own.nameservers ?? [])])],
    searches: [...new Set([...searches, ...(own.searches ?? [])])],
    options: [...merged.values()],
  };
}

async function machineDns(): Promise<DnsSettings> {
  const own = parseResolvConf(await textOf(RESOLV_CONF_PATH));
  if (!own.nameservers.every((server) => server.startsWith('127.'))) return own;
  const behind = parseResolvConf(await textOf(RESOLVED_PATH));
  return behind.nameservers.length > 0 ? behind : own;
}

/** Source: resolv.conf(5). The last `search` or `domain` counts; options add up. */
export function parseResolvConf(text: string): DnsSettings {
  const nameservers: string[] = [];
  const options: string[] = [];
  let searches: string[] = [];
  for (const line of text.split('\n')) {
    const [word = '', ...rest] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    if (word === 'nameserver') nameservers.push(...rest.slice(0, 1));
    else if (word === 'search' || word === 'domain') searches = rest.filter((name) => name !== '.');
    else if (word === 'options') options.push(...rest);
  }
  return { nameservers, searches, options };
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
