import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, systemRandom } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { createAuthority, issueCertificate, type KeyPair } from '@skerry/shared/pki';
import type { ClusterRole } from '../controllers/cluster-controllers.ts';
import { openApiServer, type ApiServer, type ApiServerOptions } from '../api-server.ts';

/** An API server of its own on a free port, and the way in for kubectl. */
export interface ServedApi extends AsyncDisposable {
  readonly url: string;
  /** PEM of the authority that both sides trust. */
  readonly ca: string;
  /** Client certificate of a member of `system:masters`. */
  readonly admin: KeyPair;
  /** Path of a kubeconfig for that client. */
  readonly kubeconfig: string;
  /** A client certificate signed by the same authority. */
  issue(commonName: string, organizations: string[]): Promise<KeyPair>;
  /** Another server with other data and the same certificates. */
  serveAgainOn(port: number): Promise<ApiServer>;
}

/**
 * Starts one in a directory of its own; disposing stops it and removes the directory. Nothing works upon
 * its objects unless `role` says so.
 */
export async function serveApi(
  role: ClusterRole = 'api',
  more: Pick<ApiServerOptions, 'auditLog' | 'knownTokens'> = {},
): Promise<ServedApi> {
  await using opened = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'skerry-api-'));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  const now = systemClock.now();
  const authority = await createAuthority('test authority', now);
  const issue = (commonName: string, organizations: string[]): Promise<KeyPair> =>
    issueCertificate(authority, { commonName, organizations, usage: ['client'], days: 1 }, now);
  const own = await issueCertificate(
    authority,
    { commonName: 'api', ipAddresses: ['127.0.0.1'], usage: ['server'], days: 1 },
    now,
  );
  const serve = (dataDir: string, port: number): Promise<ApiServer> =>
    openApiServer({
      dataDir,
      host: '127.0.0.1',
      port,
      tls: { ca: authority.cert, ...own },
      authorityKey: authority.key,
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      role,
      ...more,
    });
  const server = opened.use(await serve(directory, 0));
  const admin = await issue('admin', ['system:masters']);
  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigText(server.url, authority.cert, admin), { mode: 0o600 });
  const parted = opened.move();
  return {
    url: server.url,
    ca: authority.cert,
    admin,
    kubeconfig,
    issue,
    serveAgainOn: (port) => serve(join(directory, 'again'), port),
    [Symbol.asyncDispose]: () => parted.disposeAsync(),
  };
}

/** JSON is YAML, too. */
function kubeconfigText(server: string, ca: string, admin: KeyPair): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [
      {
        name: 'admin',
        user: {
          'client-certificate-data': base64(admin.cert),
          'client-key-data': base64(admin.key),
        },
      },
    ],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  });
}
