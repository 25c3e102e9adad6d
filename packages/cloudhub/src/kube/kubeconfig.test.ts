import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Misconfiguration } from '@skerry/shared/errors';
import { RefreshedConnection, credentialsLifetimeMs } from './connection.ts';
import { loadKubeconfig } from './kubeconfig.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => rm(directory, { recursive: true }));

const monotonic = (): number => 0;

async function file(user: string, cluster = ''): Promise<string> {
  const path = join(directory, 'config');
  await writeFile(
    path,
    `apiVersion: v1
kind: Config
current-context: here
contexts: [{name: here, context: {cluster: c, user: u}}]
clusters:
- name: c
  cluster:
    server: https://api.example:6443
    certificate-authority-data: ${Buffer.from('the CA').toString('base64')}
${cluster}
users:
- name: u
  user:
${user}
`,
  );
  return path;
}

describe('loadKubeconfig', () => {
  it('reads certificates, inline and from files beside the kubeconfig', async () => {
    await writeFile(join(directory, 'me.crt'), 'my certificate');
    const path = await file(`    client-certificate: me.crt
    client-key-data: ${Buffer.from('my key').toString('base64')}`);
    const connection = await loadKubeconfig({ file: path, env: {}, monotonic });
    expect(connection.server.href).toBe('https://api.example:6443/');
    const { tls, headers } = await connection.credentials();
    expect(Object.entries(tls).map(([name, value]) => [name, String(value)])).toEqual([
      ['ca', 'the CA'],
      ['cert', 'my certificate'],
      ['key', 'my key'],
    ]);
    expect(headers).toEqual({});
  });

  it('sends a token as a bearer', async () => {
    const path = await file('    token: abc');
    const { headers } = await (
      await loadKubeconfig({ file: path, env: {}, monotonic })
    ).credentials();
    expect(headers).toEqual({ Authorization: 'Bearer abc' });
  });

  it('takes $KUBECONFIG when no file is given', async () => {
    const env = { KUBECONFIG: await file('    token: abc') };
    expect((await loadKubeconfig({ env, monotonic })).server.host).toBe('api.example:6443');
  });

  it('runs credential plugins', async () => {
    const plugin = join(directory, 'plugin.sh');
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'from-plugin' },
    };
    await writeFile(plugin, `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`, { mode: 0o700 });
    const path = await file(`    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ${plugin}
      interactiveMode: Never`);
    const connection = await loadKubeconfig({ file: path, env: {}, monotonic });
    const { headers, tls } = await connection.credentials();
    expect(headers).toEqual({ Authorization: 'Bearer from-plugin' });
    expect(String(tls.ca)).toBe('the CA');
  });

  it.each([
    ['a file that is not there', '/nowhere/config'],
    ['a file that is not YAML', 'broken'],
  ])('refuses %s by name', async (_what, name) => {
    const path = name === 'broken' ? join(directory, name) : name;
    if (name === 'broken') await writeFile(path, 'a: [b');
    const found = loadKubeconfig({ file: path, env: {}, monotonic });
    await expect(found).rejects.toThrow(Misconfiguration);
    await expect(found).rejects.toThrow(name);
  });

  it('says so when there is no cluster to be found', async () => {
    const found = loadKubeconfig({ env: { HOME: directory }, monotonic });
    await expect(found).rejects.toThrow(Misconfiguration);
  });
});

describe('RefreshedConnection', () => {
  const server = new URL('https://api.example');

  it('reads credentials again when they are old or refused, and keeps the object while they are equal', async () => {
    let now = 0;
    let reads = 0;
    let token = 'one';
    const read = (): Promise<{ tls: object; headers: Record<string, string> }> => {
      reads++;
      return Promise.resolve({ tls: {}, headers: { Authorization: token } });
    };
    const connection = new RefreshedConnection(server, read, () => now);
    const first = await connection.credentials();
    expect(await connection.credentials()).toBe(first);
    expect(reads).toBe(1);
    now = credentialsLifetimeMs;
    expect(await connection.credentials()).toBe(first);
    expect(reads).toBe(2);
    token = 'two';
    connection.refused();
    expect((await connection.credentials()).headers).toEqual({ Authorization: 'two' });
  });

  it('does not keep a failure', async () => {
    let fails = true;
    const read = (): Promise<{ tls: object; headers: Record<string, string> }> =>
      fails ? Promise.reject(new Error('not yet')) : Promise.resolve({ tls: {}, headers: {} });
    const connection = new RefreshedConnection(server, read, () => 0);
    await expect(connection.credentials()).rejects.toThrow('not yet');
    fails = false;
    expect((await connection.credentials()).headers).toEqual({});
  });
});
