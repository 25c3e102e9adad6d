/** Names of fields of one object of the Pod API. */
export type Fields = ReadonlySet<string>;

/** What a pod says that this node carries out, and what is said to others than nodes. */
export const pod: Fields = new Set([
  'activeDeadlineSeconds',
  'containers',
  'dnsConfig',
  'dnsPolicy',
  'hostAliases',
  'hostIPC',
  'hostNetwork',
  'hostPID',
  'hostname',
  'hostnameOverride',
  'imagePullSecrets',
  'initContainers',
  'readinessGates',
  'restartPolicy',
  'runtimeClassName',
  'securityContext',
  'serviceAccount',
  'serviceAccountName',
  'setHostnameAsFQDN',
  'shareProcessNamespace',
  'subdomain',
  'terminationGracePeriodSeconds',
  'volumes',
  // to the API server, schedulers and controllers
  'affinity',
  'automountServiceAccountToken',
  'enableServiceLinks',
  'nodeName',
  'nodeSelector',
  'os',
  'overhead',
  'preemptionPolicy',
  'priority',
  'priorityClassName',
  'schedulerName',
  'schedulingGates',
  'tolerations',
  'topologySpreadConstraints',
]);

export const container: Fields = new Set([
  'args',
  'command',
  'env',
  'envFrom',
  'image',
  'imagePullPolicy',
  'lifecycle',
  'livenessProbe',
  'name',
  'ports',
  'readinessProbe',
  'resources',
  'securityContext',
  'startupProbe',
  'stdin',
  'stdinOnce',
  'terminationMessagePath',
  'terminationMessagePolicy',
  'tty',
  'volumeMounts',
  'workingDir',
]);

/** Its own policy makes a sidecar of it. */
export const initContainer: Fields = new Set([...container, 'restartPolicy']);

const sharedSecurity = [
  'appArmorProfile',
  'runAsGroup',
  'runAsNonRoot',
  'runAsUser',
  'seLinuxOptions',
  'seccompProfile',
] as const;

export const podSecurity: Fields = new Set([
  ...sharedSecurity,
  'fsGroup',
  'fsGroupChangePolicy',
  'supplementalGroups',
  'sysctls',
]);

export const security: Fields = new Set([
  ...sharedSecurity,
  'allowPrivilegeEscalation',
  'capabilities',
  'privileged',
  'procMount',
  'readOnlyRootFilesystem',
]);

export const resources: Fields = new Set(['limits', 'requests']);

/** Of what a container may be given at most, what is not held to. */
export const unboundedLimits = ['ephemeral-storage'] as const;

export const volumeMount: Fields = new Set([
  'mountPath',
  'mountPropagation',
  'name',
  'readOnly',
  'recursiveReadOnly',
  'subPath',
  'subPathExpr',
]);

export const probe: Fields = new Set([
  'exec',
  'failureThreshold',
  'grpc',
  'httpGet',
  'initialDelaySeconds',
  'periodSeconds',
  'successThreshold',
  'tcpSocket',
  'terminationGracePeriodSeconds',
  'timeoutSeconds',
]);

export const lifecycle: Fields = new Set(['postStart', 'preStop', 'stopSignal']);

/** What holds when nothing is said, where that is more than nothing. */
export const defaults: Readonly<Record<string, unknown>> = {
  allowPrivilegeEscalation: true,
  fsGroupChangePolicy: 'Always',
  hostUsers: true,
  procMount: 'Default',
  supplementalGroupsPolicy: 'Merge',
};

/** What takes a container engine. */
export const podBeyondProcesses = [
  'dnsConfig',
  'hostAliases',
  'hostname',
  'hostnameOverride',
  'setHostnameAsFQDN',
  'shareProcessNamespace',
  'subdomain',
] as const;

export const containerBeyondProcesses = ['stdin', 'tty'] as const;

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
