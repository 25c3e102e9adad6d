/** Label of every edge node. */
export const edgeLabel = 'node-role.kubernetes.io/edge';

/** Labels of the Kubernetes project's own domains that a node may set on itself. */
const allowed = new Set([
  edgeLabel,
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
]);
const allowedDomains = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

/**
 * The labels that a node may give itself (G8), of those it wants: any of its own domain, few of
 * Kubernetes'. A stolen node certificate must not draw workloads by calling itself a control plane.
 *
 * Source: kubernetes.io/docs/reference/access-authn-authz/admission-controllers, “NodeRestriction”.
 */
export function permittedLabels(wanted: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => isPermitted(name)));
}

function isPermitted(name: string): boolean {
  if (allowed.has(name)) return true;
  const [domain = ''] = name.includes('/') ? name.split('/') : [];
  if (within(domain, 'node-restriction.kubernetes.io')) return false;
  if (allowedDomains.some((each) => within(domain, each))) return true;
  return !within(domain, 'kubernetes.io') && !within(domain, 'k8s.io');
}

function within(domain: string, of: string): boolean {
  return domain === of || domain.endsWith(`.${of}`);
}
