import type {
  PodSecurityContext,
  ProfileReference,
  SecurityContext,
  SharedSecurityContext,
} from '../security-fields.ts';
import type { FieldsOf } from './field-tree.ts';

const profile: FieldsOf<ProfileReference> = { localhostProfile: 'whole', type: 'whole' };

const sharedSecurity: FieldsOf<SharedSecurityContext> = {
  appArmorProfile: profile,
  runAsGroup: 'whole',
  runAsNonRoot: 'whole',
  runAsUser: 'whole',
  seLinuxOptions: { level: 'whole', role: 'whole', type: 'whole', user: 'whole' },
  seccompProfile: profile,
};

export const security: FieldsOf<SecurityContext> = {
  ...sharedSecurity,
  allowPrivilegeEscalation: 'whole',
  capabilities: { add: 'whole', drop: 'whole' },
  privileged: 'whole',
  procMount: 'whole',
  readOnlyRootFilesystem: 'whole',
};

export const podSecurity: FieldsOf<PodSecurityContext> = {
  ...sharedSecurity,
  fsGroup: 'whole',
  fsGroupChangePolicy: 'whole',
  supplementalGroups: 'whole',
  sysctls: { name: 'whole', value: 'whole' },
};

/** What a process of the machine has as the agent has it. */
export const securityBeyondProcesses = [
  'allowPrivilegeEscalation',
  'appArmorProfile',
  'capabilities',
  'fsGroup',
  'procMount',
  'readOnlyRootFilesystem',
  'seLinuxOptions',
  'seccompProfile',
  'supplementalGroups',
  'sysctls',
] as const;
