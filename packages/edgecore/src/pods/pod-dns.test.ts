import { describe, expect, it } from 'vitest';
import { clusterFirst, mergedDns, noClusterDns, parseResolvConf, podDns } from './pod-dns.ts';
import { podObject } from './testing/pod-node.ts';

const text = `# made by somebody
nameserver 192.0.2.1 ; first
nameserver 192.0.2.2
domain old.example
search site.example .
options ndots:1 edns0
`;

describe('parseResolvConf', () => {
  it('reads what resolv.conf(5) says', () => {
    expect(parseResolvConf(text)).toEqual({
      nameservers: ['192.0.2.1', '192.0.2.2'],
      searches: ['site.example'],
      options: ['ndots:1', 'edns0'],
    });
    expect(parseResolvConf('')).toEqual({ nameservers: [], searches: [], options: [] });
  });
});

describe('mergedDns', () => {
  it('adds what the pod says, and replaces options of the same name', () => {
    const own = {
      nameservers: ['192.0.2.2', '192.0.2.3'],
      searches: ['other.example'],
      options: [{ name: 'ndots', value: '5' }, { name: 'rotate' }],
    };
    expect(mergedDns(parseResolvConf(text), own)).toEqual({
      nameservers: ['192.0.2.1', '192.0.2.2', '192.0.2.3'],
      searches: ['site.example', 'other.example'],
      options: ['ndots:5', 'edns0', 'rotate'],
    });
  });
});

describe('podDns', () => {
  const cluster = { nameservers: ['10.96.0.10'], domain: 'site.example' };
  const nameservers = async (spec: Parameters<typeof podObject>[0]): Promise<unknown> =>
    (await podDns(podObject(spec), cluster))?.nameservers;

  it('asks the cluster first, and the machine where there is none', async () => {
    expect(await nameservers({})).toEqual(['10.96.0.10']);
    expect(await nameservers({ dnsPolicy: 'ClusterFirst' })).toEqual(['10.96.0.10']);
    expect(await podDns(podObject(), noClusterDns)).toBeUndefined();
  });

  it('asks as the machine does for who wants that, or is in its network', async () => {
    expect(await nameservers({ dnsPolicy: 'Default' })).toBeUndefined();
    expect(await nameservers({ hostNetwork: true })).toBeUndefined();
    const both = { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } as const;
    expect(await nameservers(both)).toEqual(['10.96.0.10']);
  });

  it('asks nobody but whom the pod names, where its policy is None', async () => {
    const dnsConfig = { nameservers: ['192.0.2.9'] };
    expect(await nameservers({ dnsPolicy: 'None', dnsConfig })).toEqual(['192.0.2.9']);
    expect(await nameservers({ dnsConfig })).toEqual(['10.96.0.10', '192.0.2.9']);
  });

  it('searches the names of the pod’s namespace before those of the machine', () => {
    expect(clusterFirst(podObject(), cluster, parseResolvConf(text))).toEqual({
      nameservers: ['10.96.0.10'],
      searches: ['default.svc.site.example', 'svc.site.example', 'site.example'],
      options: ['ndots:5'],
    });
  });
});
