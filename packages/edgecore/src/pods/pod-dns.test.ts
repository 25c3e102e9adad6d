import { describe, expect, it } from 'vitest';
import { mergedDns, parseResolvConf } from './pod-dns.ts';

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
