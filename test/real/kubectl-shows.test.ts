import { builtins } from '@skerry/apiserver/registry/builtins';
import { apiVersionOf } from '@skerry/apiserver/registry/resource';
import { plainDefinition } from '@skerry/apiserver/testing/plain-definition';
import { serveApi, type ServedApi } from '@skerry/apiserver/testing/served-api';
import { askForCertificate } from '@skerry/shared/testing/signing-request';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Kubectl } from '../support/kubectl.ts';

interface Shown {
  /** What there is beside `apiVersion`, `kind` and the name. */
  readonly object?: object;
  /** What a description tells at the left margin, in this order, among others. */
  readonly described: string;
  /** Fields that an explanation goes down to, with what it says of their types. */
  readonly explained: string;
}

const labels = { app: 'shown' };
const pod = { containers: [{ name: 'main', image: 'example/app:1' }] };
const template = { metadata: { labels }, spec: pod };
const workload = { spec: { selector: { matchLabels: labels }, template } };
const job = { template: { spec: { ...pod, restartPolicy: 'Never' } } };
const roleRef = (kind: string): object => ({
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: 'shown' },
  subjects: [{ kind: 'ServiceAccount', name: 'shown', namespace: 'default' }],
});
const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
const ports = [{ port: 80 }];

const { pem } = await askForCertificate('CN=somebody');

const named = 'Name,Labels,Annotations';
const plain = 'Name,Labels,Annotations,API Version,Kind,Metadata';

/** Every kind that is kept, as `apiVersion kind`. */
const kinds: Readonly<Record<string, Shown>> = {
  'v1 ConfigMap': {
    object: { data: { mode: 'first' } },
    described: 'Name,Namespace,Labels,Annotations,mode,Events',
    explained: 'binaryData <map[string]string>,immutable <boolean>',
  },
  'v1 Endpoints': {
    object: { subsets: [{ addresses: [{ ip: '10.1.0.1' }], ports }] },
    described: `${named},Subsets,Events`,
    explained: 'targetRef <ObjectReference>,port <integer>',
  },
  'v1 Event': {
    object: { involvedObject: { kind: 'Pod', name: 'shown', namespace: 'default' } },
    described: 'Name,Namespace,Involved Object,Kind,Metadata',
    explained: 'involvedObject <ObjectReference>,lastObservedTime <string>',
  },
  'v1 Namespace': { described: `${named},Status`, explained: 'phase <string>' },
  'v1 Node': {
    described: 'Name,Roles,Labels,Taints,Unschedulable,Addresses,System Info,Events',
    explained: 'taints <[]Taint>,kubeletVersion <string>',
  },
  'v1 PersistentVolume': {
    object: {
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: '/data' },
      },
    },
    described: 'Name,StorageClass,Status,Reclaim Policy,Access Modes,Capacity,Source,Events',
    explained: 'claimRef <ObjectReference>,nodeSelectorTerms <[]NodeSelectorTerm>',
  },
  'v1 PersistentVolumeClaim': {
    object: {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    described: 'Name,Namespace,StorageClass,Status,Volume,Capacity,Used By,Events',
    explained: 'storageClassName <string>,accessModes <[]string>',
  },
  'v1 Pod': {
    object: { spec: pod },
    described: 'Name,Namespace,Priority,Node,Status,Containers,Volumes,QoS Class,Tolerations',
    explained: 'containerPort <integer>,initialDelaySeconds <integer>,podIPs <[]PodIP>',
  },
  'v1 Secret': {
    object: { stringData: { word: 'secret' } },
    described: `${named},Type,word`,
    explained: 'stringData <map[string]string>',
  },
  'v1 Service': {
    object: { spec: { selector: labels, ports } },
    described: 'Name,Labels,Selector,Type,IP,Port,TargetPort,Endpoints,Session Affinity',
    explained: 'nodePort <integer>,loadBalancer <LoadBalancerStatus>',
  },
  'v1 ServiceAccount': {
    described: `${named},Image pull secrets,Mountable secrets,Tokens,Events`,
    explained: 'imagePullSecrets <[]LocalObjectReference>',
  },
  'apiextensions.k8s.io/v1 CustomResourceDefinition': {
    object: plainDefinition(),
    described: `${plain},Spec,Status`,
    explained: 'additionalPrinterColumns <[]CustomResourceColumnDefinition>,scope <string>',
  },
  'apps/v1 ControllerRevision': {
    object: { revision: 1, data: {} },
    described: `${named},API Version,Data,Kind,Revision`,
    explained: 'revision <integer>',
  },
  'apps/v1 DaemonSet': {
    object: workload,
    described: 'Name,Selector,Node-Selector,Labels,Pods Status,Pod Template,Events',
    explained: 'updateStrategy <DaemonSetUpdateStrategy>,numberReady <integer>',
  },
  'apps/v1 Deployment': {
    object: workload,
    described: 'Name,Namespace,Selector,Replicas,StrategyType,Pod Template,Events',
    explained: 'maxSurge <IntOrString>,readyReplicas <integer>',
  },
  'apps/v1 ReplicaSet': {
    object: workload,
    described: 'Name,Namespace,Selector,Replicas,Pods Status,Pod Template,Events',
    explained: 'replicas <integer>,template <PodTemplateSpec>',
  },
  'apps/v1 StatefulSet': {
    object: { spec: { ...workload.spec, serviceName: 'shown' } },
    described: 'Name,Namespace,Selector,Replicas,Update Strategy,Pods Status,Pod Template',
    explained: 'volumeClaimTemplates <[]PersistentVolumeClaim>,partition <integer>',
  },
  'batch/v1 CronJob': {
    object: { spec: { schedule: '0 3 * * *', jobTemplate: { spec: job } } },
    described: 'Name,Schedule,Concurrency Policy,Suspend,Pod Template,Last Schedule Time',
    explained: 'jobTemplate <JobTemplateSpec>,timeZone <string>',
  },
  'batch/v1 Job': {
    object: { spec: job },
    described: 'Name,Namespace,Selector,Parallelism,Completions,Pods Statuses,Pod Template',
    explained: 'podFailurePolicy <PodFailurePolicy>,completionTime <string>',
  },
  'certificates.k8s.io/v1 CertificateSigningRequest': {
    object: {
      spec: {
        request: Buffer.from(pem).toString('base64'),
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: ['client auth'],
      },
    },
    described: 'Name,Labels,CreationTimestamp,Requesting User,Signer,Status,Subject',
    explained: 'expirationSeconds <integer>,certificate <string>',
  },
  'coordination.k8s.io/v1 Lease': {
    object: { spec: { holderIdentity: 'me' } },
    described: `${plain},Spec`,
    explained: 'renewTime <string>,leaseDurationSeconds <integer>',
  },
  'discovery.k8s.io/v1 EndpointSlice': {
    object: { addressType: 'IPv4', endpoints: [{ addresses: ['10.1.0.1'] }], ports },
    described: `${named},AddressType,Ports,Endpoints`,
    explained: 'conditions <EndpointConditions>,forZones <[]ForZone>',
  },
  'events.k8s.io/v1 Event': {
    object: {
      eventTime: '2026-01-01T00:00:00.000000Z',
      regarding: { kind: 'Pod', name: 'shown', namespace: 'default' },
      reportingController: 'example.com/shower',
      reportingInstance: 'shower-1',
      ...{ action: 'Show', reason: 'Shown', type: 'Normal' },
    },
    described: 'Name,Namespace,Action,API Version,Event Time,Kind,Regarding',
    explained: 'regarding <ObjectReference>,reportingInstance <string>',
  },
  'networking.k8s.io/v1 NetworkPolicy': {
    object: { spec: { podSelector: { matchLabels: labels }, policyTypes: ['Ingress'] } },
    described: 'Name,Namespace,Created on,Labels,Spec',
    explained: 'podSelector <LabelSelector>,cidr <string>',
  },
  'node.k8s.io/v1 RuntimeClass': {
    object: { handler: 'shown' },
    described: `${named},API Version,Handler,Kind`,
    explained: 'podFixed <map[string]Quantity>,scheduling <Scheduling>',
  },
  'rbac.authorization.k8s.io/v1 ClusterRole': {
    object: { rules },
    described: `${named},PolicyRule`,
    explained: 'clusterRoleSelectors <[]LabelSelector>,verbs <[]string>',
  },
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': {
    object: roleRef('ClusterRole'),
    described: `${named},Role,Subjects`,
    explained: 'roleRef <RoleRef>,subjects <[]Subject>',
  },
  'rbac.authorization.k8s.io/v1 Role': {
    object: { rules },
    described: `${named},PolicyRule`,
    explained: 'rules <[]PolicyRule>,nonResourceURLs <[]string>',
  },
  'rbac.authorization.k8s.io/v1 RoleBinding': {
    object: roleRef('Role'),
    described: `${named},Role,Subjects`,
    explained: 'roleRef <RoleRef>,subjects <[]Subject>',
  },
  'scheduling.k8s.io/v1 PriorityClass': {
    object: { value: 7 },
    described: 'Name,Value,GlobalDefault,PreemptionPolicy,Description,Annotations,Events',
    explained: 'globalDefault <boolean>,value <integer>',
  },
  'storage.k8s.io/v1 StorageClass': {
    object: { provisioner: 'example.com/none' },
    described: 'Name,IsDefaultClass,Annotations,Provisioner,ReclaimPolicy,VolumeBindingMode',
    explained: 'allowedTopologies <[]TopologySelectorTerm>,provisioner <string>',
  },
};

/** What stands at the left margin before a colon. */
function headings(description: string): string[] {
  return [...description.matchAll(/^(\w[\w -]*):/gm)].map(([, heading = '']) => heading);
}

/** A field of an explanation; before kubectl 1.27 it names no types of the API. */
function fieldForm(field: string): RegExp {
  const [name = '', type = ''] = field.split(' ');
  const form = type.replaceAll(/[[\]]/g, String.raw`\$&`);
  return new RegExp(`^ +${name}\t${form.replace(/[A-Z]\w+/, '($&|Object|string)')}`, 'm');
}

/** Kinds of one name are told apart by their groups. */
function parts(id: string): { apiVersion: string; version: string; group: string; kind: string } {
  const [apiVersion = '', kind = ''] = id.split(' ');
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  return { apiVersion, version, group, kind };
}

function made([id, { object }]: [string, Shown]): { metadata: { name: string } } {
  const { apiVersion, group, kind } = parts(id);
  const name = group === '' ? 'shown' : `shown.${group}`;
  return { ...{ apiVersion, kind, metadata: { name } }, ...object };
}

describe('kubectl describes and explains', () => {
  let api: ServedApi;
  let kubectl: Kubectl;

  beforeAll(async () => {
    api = await serveApi();
    kubectl = new Kubectl(api.kubeconfig);
    const items = Object.entries(kinds).map(made);
    await kubectl.run(
      ['create', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
    );
  });

  afterAll(() => api[Symbol.asyncDispose]());

  it('every kind that is kept', () => {
    const kept = builtins.filter(({ verbs }) => verbs.includes('list'));
    const ids = kept.map((resource) => `${apiVersionOf(resource)} ${resource.kind}`);
    expect(Object.keys(kinds).sort()).toEqual(ids.sort());
  });

  it.each(Object.entries(kinds))('%s', async (id, shown) => {
    const { apiVersion, version, group, kind } = parts(id);
    const { name } = made([id, shown]).metadata;
    const told = await kubectl.run(['describe', `${kind}.${version}.${group}`, name]);
    const wanted = shown.described.split(',');
    expect(headings(told).filter((heading) => wanted.includes(heading))).toEqual(wanted);

    const explain = ['explain', kind, `--api-version=${apiVersion}`];
    const kindLine = new RegExp(`^KIND: +${kind}$`, 'm');
    expect(await kubectl.run(explain)).toMatch(kindLine);
    const explanation = await kubectl.run([...explain, '--recursive']);
    expect(explanation).toMatch(kindLine);
    for (const field of shown.explained.split(',')) expect(explanation).toMatch(fieldForm(field));
  });
});
