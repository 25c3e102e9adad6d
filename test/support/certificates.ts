import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureAuthority, ensureCertificate, type KeyFiles } from '@skerry/shared/key-files';
import type { CertificateRequest, KeyPair } from '@skerry/shared/pki';
import { writeDurably } from '@skerry/shared/durable-file';
import { printYaml } from '@skerry/shared/yaml';

/** Files of a test's own authority and of what it signed. */
export class TestPki {
  readonly ca: KeyFiles;
  readonly #directory: string;
  readonly #authority: KeyPair;

  private constructor(directory: string, authority: KeyPair) {
    this.#directory = directory;
    this.#authority = authority;
    this.ca = filesIn(directory, 'ca');
  }

  static async make(directory: string): Promise<TestPki> {
    await mkdir(directory, { recursive: true });
    const authority = await ensureAuthority(filesIn(directory, 'ca'), 'skerry-test', Date.now());
    return new TestPki(directory, authority);
  }

  /** For the hub: server of both its listeners, and client of the API it embeds. */
  hub(): Promise<KeyFiles> {
    return this.#issue('hub', {
      commonName: 'skerry-hub',
      organizations: ['system:masters'],
      dnsNames: ['localhost'],
      ipAddresses: ['127.0.0.1'],
      usage: ['server', 'client'],
      days: 1,
    });
  }

  /** For an edge node. */
  node(name: string): Promise<KeyFiles> {
    return this.#issue(name, {
      commonName: `system:node:${name}`,
      organizations: ['system:nodes'],
      usage: ['client'],
      days: 1,
    });
  }

  /** A kubeconfig for an administrator of `server`; resolves with its path. */
  async kubeconfig(server: string): Promise<string> {
    const admin = await this.#issue('admin', {
      commonName: 'admin',
      organizations: ['system:masters'],
      usage: ['client'],
      days: 1,
    });
    const user = { 'client-certificate': admin.cert, 'client-key': admin.key };
    return this.#writeKubeconfig('kubeconfig', server, user);
  }

  /** A kubeconfig for the bearer of a token; resolves with its path. */
  bearerKubeconfig(server: string, token: string): Promise<string> {
    return this.#writeKubeconfig('bearer.kubeconfig', server, { token });
  }

  async #writeKubeconfig(file: string, server: string, user: object): Promise<string> {
    const path = join(this.#directory, file);
    const named = { cluster: 'test', user: 'test', namespace: 'default' };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster: { server, 'certificate-authority': this.ca.cert } }],
      users: [{ name: 'test', user }],
      contexts: [{ name: 'test', context: named }],
      'current-context': 'test',
    };
    await writeDurably(path, printYaml(config), 0o600);
    return path;
  }

  async #issue(name: string, request: CertificateRequest): Promise<KeyFiles> {
    const files = filesIn(this.#directory, name);
    await ensureCertificate(files, this.#authority, request, Date.now());
    return files;
  }
}

function filesIn(directory: string, name: string): KeyFiles {
  return { cert: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) };
}
