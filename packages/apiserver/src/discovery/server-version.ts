import type { JsonObject } from '../json.ts';
import { skerryVersion } from '@skerry/shared/version';

/** The Kubernetes release whose behaviour this server follows. */
const kubernetesVersion = { major: '1', minor: '36' } as const;

/** The release as Kubernetes writes it, with ours behind. */
export const gitVersion: string = `v${kubernetesVersion.major}.${kubernetesVersion.minor}.0+skerry.${skerryVersion}`;

/** `/version`. */
export function serverVersion(): JsonObject {
  const { major, minor } = kubernetesVersion;
  return {
    major,
    minor,
    gitVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: '',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}
