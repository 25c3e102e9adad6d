import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Misconfiguration } from './errors.ts';
import { ensureAuthority, ensureCertificate, type KeyFiles } from './key-files.ts';

const now = Date.UTC(2026, 0, 1);
const dayMs = 86_400_000;
const request = {
  commonName: 'hub',
  organizations: ['skerry'],
  dnsNames: ['localhost', 'hub.example'],
  ipAddresses: ['127.0.0.1', '::1'],
  usage: ['server'],
  days: 90,
} as const;

let directory: string;
const files = (name: string): KeyFiles => ({
  cert: join(directory, 'pki', `${name}.crt`),
  key: join(directory, 'pki', `${name}.key`),
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skerry-keys-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('key files', () => {
  it('are made once and read again, keys for their owner alone', async () => {
    const authority = await ensureAuthority(files('ca'), 'skerry-ca', now);
    const made = await ensureCertificate(files('hub'), authority, request, now);
    expect(await ensureAuthority(files('ca'), 'skerry-ca', now + dayMs)).toEqual(authority);
    expect(await ensureCertificate(files('hub'), authority, request, now + dayMs)).toEqual(made);
    expect((await stat(files('ca').key)).mode & 0o777).toBe(0o600);
    expect((await stat(files('hub').key)).mode & 0o777).toBe(0o600);
    expect((await readdir(join(directory, 'pki'))).sort()).toEqual([
      'ca.crt',
      'ca.key',
      'hub.crt',
      'hub.key',
    ]);
  });

  it('are made anew in the last third of their life, and not before', async () => {
    const authority = await ensureAuthority(files('ca'), 'skerry-ca', now);
    const made = await ensureCertificate(files('hub'), authority, request, now);
    const at59 = await ensureCertificate(files('hub'), authority, request, now + 59 * dayMs);
    const at61 = await ensureCertificate(files('hub'), authority, request, now + 61 * dayMs);
    expect(at59.cert).toBe(made.cert);
    expect(at61.cert).not.toBe(made.cert);
  });

  it('are made anew when the names, the authority or the key differ', async () => {
    const authority = await ensureAuthority(files('ca'), 'skerry-ca', now);
    const first = await ensureCertificate(files('hub'), authority, request, now);
    const renamed = { ...request, dnsNames: ['other.example'] };
    const second = await ensureCertificate(files('hub'), authority, renamed, now);
    expect(second.cert).not.toBe(first.cert);
    const stranger = await ensureAuthority(files('stranger'), 'skerry-ca', now);
    const third = await ensureCertificate(files('hub'), stranger, renamed, now);
    expect(third.cert).not.toBe(second.cert);
    await writeFile(files('hub').key, stranger.key);
    const fourth = await ensureCertificate(files('hub'), stranger, renamed, now);
    expect(fourth.cert).not.toBe(third.cert);
  });

  it('never replace an authority in silence', async () => {
    await ensureAuthority(files('ca'), 'skerry-ca', now);
    const stranger = await ensureAuthority(files('stranger'), 'skerry-ca', now);
    await writeFile(files('ca').key, stranger.key);
    await expect(ensureAuthority(files('ca'), 'skerry-ca', now)).rejects.toThrow(Misconfiguration);
  });
});
