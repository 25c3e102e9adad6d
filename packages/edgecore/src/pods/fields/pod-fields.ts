import type { HostAlias, PodDnsConfig, PodSpec } from '../pod.ts';
import { initContainer, processInitContainer } from './container-fields.ts';
import { without, type Fields, type FieldsOf } from './field-tree.ts';
import { podSecurity, securityBeyondProcesses } from './security-context-fields.ts';
import { volumes } from './volume-fields.ts';

/** To the API server, schedulers and controllers; a node reads of some of it whether it may run the pod. */
const meantForOthers = {
  affinity: 'whole',
  automountServiceAccountToken: 'whole',
  enableServiceLinks: 'whole',
  nodeName: 'whole',
  nodeSelector: 'whole',
  os: 'whole',
  overhead: 'whole',
  preemptionPolicy: 'whole',
  priority: 'whole',
  priorityClassName: 'whole',
  schedulerName: 'whole',
  schedulingGates: 'whole',
  schedulingGroup: 'whole',
  serviceAccount: 'whole',
  tolerations: 'whole',
  topologySpreadConstraints: 'whole',
} as const;

/** What a pod says that this node carries out, and what is said to others than nodes. */
export const podFields: FieldsOf<PodSpec> & Fields = {
  ...meantForOthers,
  activeDeadlineSeconds: 'whole',
  containers: without(initContainer, 'restartPolicy'),
  dnsConfig: {
    nameservers: 'whole',
    options: { name: 'whole', value: 'whole' },
    searches: 'whole',
  } satisfies FieldsOf<PodDnsConfig>,
  dnsPolicy: 'whole',
  hostAliases: { hostnames: 'whole', ip: 'whole' } satisfies FieldsOf<HostAlias>,
  hostIPC: 'whole',
  hostNetwork: 'whole',
  hostPID: 'whole',
  hostname: 'whole',
  hostnameOverride: 'whole',
  imagePullSecrets: { name: 'whole' },
  initContainers: initContainer,
  readinessGates: { conditionType: 'whole' },
  restartPolicy: 'whole',
  runtimeClassName: 'whole',
  securityContext: podSecurity,
  serviceAccountName: 'whole',
  setHostnameAsFQDN: 'whole',
  shareProcessNamespace: 'whole',
  subdomain: 'whole',
  terminationGracePeriodSeconds: 'whole',
  volumes,
};

/** The same where the containers of a pod are processes of the machine. */
export const processPodFields: Fields = {
  ...without(
    podFields,
    'dnsConfig',
    'hostAliases',
    'hostname',
    'hostnameOverride',
    'setHostnameAsFQDN',
    'shareProcessNamespace',
    'subdomain',
  ),
  containers: without(processInitContainer, 'restartPolicy'),
  initContainers: processInitContainer,
  securityContext: without(podSecurity, ...securityBeyondProcesses),
};
