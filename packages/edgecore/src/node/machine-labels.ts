import type { NodeName } from '@skerry/shared/names';
import type { NodeFacts } from './node-facts.ts';

/** Labels by which pods choose a machine: those of a kubelet, and kernel and system as Node Feature Discovery names them. */
export function machineLabels(
  node: NodeName,
  { architecture, kernelVersion, osId, osVersion }: NodeFacts,
): Record<string, string> {
  const [, major = '', minor = ''] = /^(\d+)\.(\d+)/.exec(kernelVersion) ?? [];
  const discovered = {
    'kernel-version.full': kernelVersion,
    'kernel-version.major': major,
    'kernel-version.minor': minor,
    'system-os_release.ID': osId,
    'system-os_release.VERSION_ID': osVersion,
  };
  const features = Object.entries(discovered)
    .map(([name, value]) => [`feature.node.kubernetes.io/${name}`, labelValue(value)] as const)
    .filter(([, value]) => value !== '');
  return {
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': node,
    ...Object.fromEntries(features),
  };
}

/** What a label's value may be: at most 63 letters, digits, `-`, `_` and `.`, not at its ends. */
function labelValue(text: string): string {
  return text
    .replace(/[^A-Za-z0-9_.-]/g, '_')
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}
