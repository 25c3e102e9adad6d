import type { KeyPair } from '@skerry/shared/pki';
import { printYaml } from '@skerry/shared/yaml';

export interface ClusterAccess {
  readonly server: string;
  /** PEM: whom to trust as the server. */
  readonly ca: string;
  readonly admin: KeyPair;
}

/**
 * A kubeconfig with everything in it, so that the file alone is enough.
 *
 * Source: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
 */
export function kubeconfig({ server, ca, admin }: ClusterAccess): string {
  return printYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'skerry', cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [
      {
        name: 'skerry-admin',
        user: {
          'client-certificate-data': base64(admin.cert),
          'client-key-data': base64(admin.key),
        },
      },
    ],
    contexts: [
      {
        name: 'skerry',
        context: { cluster: 'skerry', user: 'skerry-admin', namespace: 'default' },
      },
    ],
    'current-context': 'skerry',
  });
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
