import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { askForCertificate } from '@skerry/shared/testing/signing-request';
import { serveApi, type ServedApi } from '@skerry/apiserver/testing/served-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Kubectl, KubectlFailed } from '../support/kubectl.ts';

const project = join(import.meta.dirname, '..', '..');
let api: ServedApi;
let kubectl: Kubectl;
let directory: string;

beforeAll(async () => {
  api = await serveApi();
  kubectl = new Kubectl(api.kubeconfig);
  directory = await mkdtemp(join(tmpdir(), 'skerry-access-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
  await api[Symbol.asyncDispose]();
});

/** kubectl without the administrator's certificate. */
async function kubectlAs(user: object): Promise<Kubectl> {
  const file = join(directory, 'kubeconfig');
  const cluster = { server: api.url, 'certificate-authority-data': base64(api.ca) };
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'test' },
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  };
  await writeFile(file, JSON.stringify(config));
  return new Kubectl(file);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

describe('kubectl with rights of its own', () => {
  it('does with a token what the account may, and no more', async () => {
    await kubectl.run(['create', 'serviceaccount', 'reader']);
    const binding = ['--clusterrole=view', '--serviceaccount=default:reader'];
    await kubectl.run(['create', 'rolebinding', 'reader', ...binding]);
    const token = await kubectl.run(['create', 'token', 'reader', '--duration=1h']);
    const reader = await kubectlAs({ token: token.trim() });
    expect(await reader.run(['auth', 'whoami'])).toContain('system:serviceaccount:default:reader');
    expect(await reader.run(['get', 'configmaps', '-o', 'name'])).toContain('kube-root-ca.crt');
    expect(await reader.run(['auth', 'can-i', '--list'])).toMatch(
      /pods +\[\] +\[\] +\[get list watch\]/,
    );
    await expect(reader.run(['get', 'secrets'])).rejects.toThrow(KubectlFailed);
    await expect(reader.run(['delete', 'configmap', 'kube-root-ca.crt'])).rejects.toThrow(
      'Forbidden',
    );
  });

  it('acts as somebody else, where that is allowed', async () => {
    const asked = ['auth', 'can-i', 'list', 'pods', '--as=system:serviceaccount:default:reader'];
    expect(await kubectl.run(asked)).toBe('yes\n');
    await expect(kubectl.run(['get', 'nodes', '--as=nobody'])).rejects.toThrow('Forbidden');
  });

  it('gets a certificate that somebody approved', async () => {
    const { pem, key } = await askForCertificate('O=team, CN=ann');
    await kubectl.apply({
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'ann' },
      spec: {
        request: base64(pem),
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: ['client auth'],
      },
    });
    expect(await kubectl.run(['get', 'csr'])).toMatch(
      /ann .*kube-apiserver-client +admin +<none> +Pending/,
    );
    await kubectl.run(['certificate', 'approve', 'ann']);
    const query = ['get', 'csr', 'ann', '-o', 'jsonpath={.status.certificate}'];
    const certificate = await eventually('the certificate', async () => {
      const text = await kubectl.run(query);
      return text === '' ? undefined : text;
    });
    const ann = await kubectlAs({
      'client-certificate-data': certificate,
      'client-key-data': base64(key),
    });
    expect(await ann.run(['auth', 'whoami'])).toMatch(/Groups +\[team system:authenticated\]/);
  });
});

describe('a backup', () => {
  it('is made by a command while the API runs, and put back by another', async () => {
    const skerry = (...words: string[]): Promise<{ stdout: string }> =>
      promisify(execFile)(process.execPath, [
        join(project, 'packages/cli/bin/skerry.js'),
        ...words,
      ]);
    await kubectl.run(['create', 'configmap', 'kept', '--from-literal=a=b']);
    const file = join(directory, 'backup');
    const taken = await skerry('backup', '--kubeconfig', api.kubeconfig, '--to', file);
    const [, count = ''] =
      /: (\d+) objects, as they were at version \d+\n$/.exec(taken.stdout) ?? [];
    const dataDir = join(directory, 'cloudhub');
    const { stdout } = await skerry('restore', '--from', file, '--data-dir', dataDir);
    expect(stdout).toContain(`: ${count} objects`);
    expect(Number(count)).toBeGreaterThan(20);
  });
});
