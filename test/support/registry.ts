import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

const run = promisify(execFile);
const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const CONFIG = 'application/vnd.docker.container.image.v1+json';
const LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip';

interface Blob {
  readonly digest: string;
  readonly bytes: Buffer;
}

/**
 * A registry on this machine that serves one image with a shell under every name it is told of, to who
 * bears a token, which it gives to who has the password. Engines speak plain HTTP with registries at
 * 127.0.0.1.
 *
 * Source: the OCI Distribution Specification, the Docker image manifest, version 2, schema 2, and
 * https://distribution.github.io/distribution/spec/auth/token/
 */
export class Registry implements AsyncDisposable {
  /** `name:tag` of what it serves. */
  readonly images: Set<string> = new Set();
  readonly username = 'reader';
  readonly password = 'p:word';
  /** Requests for manifests that were let in. */
  served = 0;
  readonly #token = randomUUID();
  readonly #server: Server;
  readonly #blobs: ReadonlyMap<string, Buffer>;
  readonly #manifest: Blob;

  private constructor(config: Blob, layer: Blob) {
    const part = (mediaType: string, { digest, bytes }: Blob): object => ({
      mediaType,
      digest,
      size: bytes.length,
    });
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: part(CONFIG, config),
      layers: [part(LAYER, layer)],
    };
    this.#manifest = blob(Buffer.from(JSON.stringify(manifest)));
    this.#blobs = new Map([config, layer].map(({ digest, bytes }) => [digest, bytes]));
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async open(): Promise<Registry> {
    const tar = await shellRoot();
    const layer = blob(gzipSync(tar));
    const config = {
      architecture: arch() === 'x64' ? 'amd64' : arch(),
      os: 'linux',
      config: { Env: ['PATH=/bin'] },
      rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    };
    const registry = new Registry(blob(Buffer.from(JSON.stringify(config))), layer);
    registry.#server.listen(0, '127.0.0.1');
    await once(registry.#server, 'listening');
    return registry;
  }

  /** `127.0.0.1:PORT`, the first part of its images' names. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Content of a Secret of type `kubernetes.io/dockerconfigjson`, base64. */
  get dockerConfig(): string {
    const auth = Buffer.from(`${this.username}:${this.password}`).toString('base64');
    const config = JSON.stringify({ auths: { [this.address]: { auth } } });
    return Buffer.from(config).toString('base64');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #answer({ url = '', headers, method }: IncomingMessage, response: ServerResponse): void {
    if (url.startsWith('/token')) {
      this.#giveToken(headers.authorization, response);
      return;
    }
    if (headers.authorization !== `Bearer ${this.#token}`) {
      const challenge = `Bearer realm="http://${this.address}/token",service="registry"`;
      response.writeHead(401, { 'www-authenticate': challenge });
      response.end(JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'no entry' }] }));
      return;
    }
    const found = this.#find(url);
    if (!found) {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'unknown' }] }));
      return;
    }
    const { type, digest, bytes } = found;
    const about = { 'content-type': type, 'content-length': bytes.length };
    response.writeHead(200, { ...about, 'docker-content-digest': digest });
    response.end(method === 'HEAD' ? undefined : bytes);
  }

  /** Who does not say who it is gets a token, too: one that opens nothing. */
  #giveToken(authorization: string | undefined, response: ServerResponse): void {
    const login = Buffer.from(`${this.username}:${this.password}`).toString('base64');
    const isReader = authorization === `Basic ${login}`;
    const isNobody = authorization === undefined;
    response.writeHead(isReader || isNobody ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ token: isReader ? this.#token : 'of-nobody' }));
  }

  #find(url: string): (Blob & { readonly type: string }) | undefined {
    if (url === '/v2/') return { type: 'application/json', ...blob(Buffer.from('{}')) };
    const [, name = '', kind = '', reference = ''] =
      /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(url) ?? [];
    if (kind === 'blobs') {
      const bytes = this.#blobs.get(reference);
      return bytes && { type: 'application/octet-stream', digest: reference, bytes };
    }
    const isServed = this.images.has(`${name}:${reference}`) || reference === this.#manifest.digest;
    if (kind !== 'manifests' || !isServed) return undefined;
    this.served++;
    return { type: MANIFEST, ...this.#manifest };
  }
}

/** A tar of the machine's static busybox, with a shell and what tests call. */
async function shellRoot(): Promise<Buffer> {
  const root = await mkdtemp(join(tmpdir(), 'registry-image-'));
  try {
    await mkdir(join(root, 'bin'));
    await copyFile('/bin/busybox', join(root, 'bin/busybox'));
    for (const applet of ['sh', 'sleep', 'echo', 'cat'])
      await symlink('busybox', join(root, 'bin', applet));
    const { stdout } = await run('tar', ['-C', root, '-c', '.'], {
      encoding: 'buffer',
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } finally {
    await rm(root, { recursive: true });
  }
}

function blob(bytes: Buffer): Blob {
  return { digest: digestOf(bytes), bytes };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
