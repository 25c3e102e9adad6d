import type { SandboxSpec } from '../runtime/container-spec.ts';
import type { PodObject } from './pod.ts';

/** Longest host name of Linux, less its end. */
const HOSTNAME_CHARACTERS = 63;

/**
 * A pod's host name, and with a `subdomain` the rest of its full name, which ends in `clusterDomain`.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-hostname-and-subdomain-fields
 */
export function podNames(
  { metadata, spec }: PodObject,
  clusterDomain: string,
): Pick<SandboxSpec, 'hostname' | 'domainname'> {
  const { subdomain = '', hostnameOverride } = spec;
  if (hostnameOverride !== undefined) return { hostname: hostnameOverride };
  const hostname = trimmed(spec.hostname ?? metadata.name);
  if (subdomain === '') return { hostname };
  const domainname = `${subdomain}.${metadata.namespace}.svc.${clusterDomain}`;
  return spec.setHostnameAsFQDN === true
    ? { hostname: `${hostname}.${domainname}` }
    : { hostname, domainname };
}

function trimmed(name: string): string {
  return name.slice(0, HOSTNAME_CHARACTERS).replace(/[-.]+$/, '');
}
