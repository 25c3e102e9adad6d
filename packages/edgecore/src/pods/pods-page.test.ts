import { join } from 'node:path';
import { expect, it } from 'vitest';
import { messageOf } from '@skerry/shared/errors';
import type { Container, PodObject } from './pod.ts';
import { podObject } from './testing/pod-node.ts';
import { unsupportedFields } from './unsupported.ts';
import type { Volume } from './volumes/volume.ts';
import { volumeContent } from './volumes/volume-content.ts';

const file = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'PODS.md');

/**
 * Fields of Kubernetes 1.32.
 *
 * Source: https://v1-32.docs.kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
 */
const fields = {
  pod: `activeDeadlineSeconds affinity automountServiceAccountToken containers dnsConfig dnsPolicy
    enableServiceLinks ephemeralContainers hostAliases hostIPC hostNetwork hostPID hostUsers hostname
    imagePullSecrets initContainers nodeName nodeSelector os overhead preemptionPolicy priority
    priorityClassName readinessGates resourceClaims resources restartPolicy runtimeClassName
    schedulerName schedulingGates securityContext serviceAccount serviceAccountName setHostnameAsFQDN
    shareProcessNamespace subdomain terminationGracePeriodSeconds tolerations
    topologySpreadConstraints volumes`,
  podSecurity: `appArmorProfile fsGroup fsGroupChangePolicy runAsGroup runAsNonRoot runAsUser
    seLinuxChangePolicy seLinuxOptions seccompProfile supplementalGroups supplementalGroupsPolicy
    sysctls windowsOptions`,
  container: `args command env envFrom image imagePullPolicy lifecycle livenessProbe name ports
    readinessProbe resizePolicy resources restartPolicy securityContext startupProbe stdin stdinOnce
    terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir`,
  security: `allowPrivilegeEscalation appArmorProfile capabilities privileged procMount
    readOnlyRootFilesystem runAsGroup runAsNonRoot runAsUser seLinuxOptions seccompProfile
    windowsOptions`,
  lifecycle: 'postStart preStop',
  probe: `exec failureThreshold grpc httpGet initialDelaySeconds periodSeconds successThreshold
    tcpSocket terminationGracePeriodSeconds timeoutSeconds`,
  resources: 'claims limits requests',
  mount: 'mountPath mountPropagation name readOnly recursiveReadOnly subPath subPathExpr',
  volume: `awsElasticBlockStore azureDisk azureFile cephfs cinder configMap csi downwardAPI emptyDir
    ephemeral fc flexVolume flocker gcePersistentDisk gitRepo glusterfs hostPath image iscsi nfs
    persistentVolumeClaim photonPersistentDisk portworxVolume projected quobyte rbd scaleIO secret
    storageos vsphereVolume`,
};

/** Asks for something whatever the field is. */
const wish = [{ name: 'main', path: 'x' }];

const reports = (object: PodObject, field: string): boolean =>
  unsupportedFields(object).some((path) => path.endsWith(`.${field}`));
const ofPod = (more: object): PodObject => podObject(more);
const ofContainer = (more: object, role: object = {}): PodObject =>
  ofPod({ containers: [{ name: 'main', ...more } as Container], ...role });

/** A volume of a kind that is not known keeps its pod waiting, with an Event. */
function isKind(kind: string): boolean {
  const volume = { name: 'v', [kind]: {} } as unknown as Volume;
  const surroundings = { nodeName: 'n', hostIp: '', podIp: '', allocatable: {} } as never;
  try {
    volumeContent(volume, { pod: podObject(), held: new Map(), surroundings });
    return true;
  } catch (error) {
    return !messageOf(error).includes('of a kind unknown to this node');
  }
}

const sections: readonly (readonly [string, string, (field: string) => boolean])[] = [
  ['`spec`', fields.pod, (field) => !reports(ofPod({ ...object(field) }), field)],
  [
    '`spec.securityContext`',
    fields.podSecurity,
    (field) => !reports(ofPod({ securityContext: object(field) }), field),
  ],
  [
    '`spec.containers[*]`, `spec.initContainers[*]`',
    fields.container,
    (field) => !reports(ofPod({ initContainers: [{ name: 'main', ...object(field) }] }), field),
  ],
  ['`….securityContext`', fields.security, inside('securityContext')],
  ['`….lifecycle`', fields.lifecycle, inside('lifecycle')],
  ['`….livenessProbe` and the others', fields.probe, inside('livenessProbe')],
  ['`….resources`', fields.resources, inside('resources')],
  [
    '`….volumeMounts[*]`',
    fields.mount,
    (field) => !reports(ofContainer({ volumeMounts: [object(field)] }), field),
  ],
  ['`spec.volumes[*]`', fields.volume, isKind],
];

/** Lists stay what they are to those who read them; names and paths are texts. */
function object(field: string): object {
  const lists = ['containers', 'initContainers', 'volumeMounts', 'env'];
  if (lists.includes(field)) return { [field]: [] };
  return { [field]: /Context$|Probe$|lifecycle|resources$/.test(field) ? { x: 1 } : wish };
}

function inside(part: string): (field: string) => boolean {
  return (field) => !reports(ofContainer({ [part]: object(field) }), field);
}

/** Written anew by `npx vitest run --project unit packages/edgecore/src/pods/pods-page --update`. */
it('docs/PODS.md says of every field of the Pod API what becomes of it', async () => {
  const tables = sections.map(([title, words, isDone]) => {
    const names = words.split(/\s+/);
    const listed = (wanted: boolean): string =>
      names
        .filter((name) => isDone(name) === wanted)
        .map((name) => `\`${name}\``)
        .join(', ') || 'none';
    return `## ${title}\n\nDone: ${listed(true)}.\n\nReported: ${listed(false)}.\n`;
  });
  await expect(`${introduction}\n${tables.join('\n')}`).toMatchFileSnapshot(file);
});

const introduction = `# Pods at the edge

What becomes of each field of the Pod API, as of Kubernetes 1.32. _Done_ means as on any node, or meant
for others than nodes (schedulers, the API server). _Reported_ means that this node does not do it: the pod
runs without it, and says so in an Event \`UnsupportedFields\` and in its condition
\`edge.skerry.io/UnsupportedFields\`. So does whatever no version has heard of. A pod with a volume of a
kind that is reported does not run: it waits, with an Event \`FailedMount\`.

Besides:

- \`enableServiceLinks\`: nodes hold no Services, so there are no \`*_SERVICE_HOST\` variables.
- \`dnsPolicy: ClusterFirst\` asks \`pods.clusterDNS\` of the agent; without one it is \`Default\`.
- \`limits\` of \`ephemeral-storage\` are reported; the \`sizeLimit\` of an emptyDir is held to.
- \`restartPolicy\` of a container is done for init containers, and reported for others.
- \`recursiveReadOnly: Enabled\` is reported.
- \`nfs\` takes the machine's own \`mount\` and its helper; without them \`FailedMount\` says so.
- \`runtimeClassName: process\`: what takes a container engine is reported.
- Deletion with a grace of 0 is at once, without the \`preStop\` hook.
`;
