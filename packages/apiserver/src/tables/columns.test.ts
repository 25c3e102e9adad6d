import { describe, expect, it } from 'vitest';
import { listAt } from '../json.ts';
import { builtins } from '../registry/builtins.ts';
import type { Column } from './printer.ts';
import { toTable } from './table.ts';

const template = 'Containers+, Images+';
const subjects = 'Users+, Groups+, ServiceAccounts+';
const plain = 'Name, Created At:date';
const event =
  'Last Seen, Type, Reason, Object, Subobject+, Source+, Message, First Seen+, Count+, Name+';

/**
 * The columns that Kubernetes 1.32 and later print: `:type` of one that is no text, `+` after one of
 * wide tables.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/release-1.32/pkg/printers/internalversion/printers.go
 */
const columns: Readonly<Record<string, string>> = {
  '/ConfigMap': 'Name, Data, Age',
  '/Endpoints': 'Name, Endpoints, Age',
  '/Event': event,
  '/Namespace': 'Name, Status, Age',
  '/Node':
    'Name, Status, Roles, Age, Version, Internal-IP+, External-IP+, OS-Image+, Kernel-Version+, Container-Runtime+',
  '/PersistentVolume':
    'Name, Capacity, Access Modes, Reclaim Policy, Status, Claim, StorageClass, VolumeAttributesClass, Reason, Age, VolumeMode+',
  '/PersistentVolumeClaim':
    'Name, Status, Volume, Capacity, Access Modes, StorageClass, VolumeAttributesClass, Age, VolumeMode+',
  '/Pod': 'Name, Ready, Status, Restarts, Age, IP+, Node+, Nominated Node+, Readiness Gates+',
  '/Secret': 'Name, Type, Data, Age',
  '/Service': 'Name, Type, Cluster-IP, External-IP, Port(s), Age, Selector+',
  '/ServiceAccount': 'Name, Secrets, Age',
  'apiextensions.k8s.io/CustomResourceDefinition': plain,
  'apps/ControllerRevision': 'Name, Controller, Revision, Age',
  'apps/DaemonSet': `Name, Desired:integer, Current:integer, Ready:integer, Up-to-date:integer, Available:integer, Node Selector, Age, ${template}, Selector+`,
  'apps/Deployment': `Name, Ready, Up-to-date, Available, Age, ${template}, Selector+`,
  'apps/ReplicaSet': `Name, Desired:integer, Current:integer, Ready:integer, Age, ${template}, Selector+`,
  'apps/StatefulSet': `Name, Ready, Age, ${template}`,
  'batch/CronJob': `Name, Schedule, Timezone, Suspend:boolean, Active:integer, Last Schedule, Age, ${template}, Selector+`,
  'batch/Job': `Name, Status, Completions, Duration, Age, ${template}, Selector+`,
  'certificates.k8s.io/CertificateSigningRequest':
    'Name, Age, SignerName, Requestor, RequestedDuration, Condition',
  'coordination.k8s.io/Lease': 'Name, Holder, Age',
  'discovery.k8s.io/EndpointSlice': 'Name, AddressType, Ports, Endpoints, Age',
  'events.k8s.io/Event': event,
  'networking.k8s.io/NetworkPolicy': 'Name, Pod-Selector, Age',
  'node.k8s.io/RuntimeClass': 'Name, Handler, Age',
  'rbac.authorization.k8s.io/ClusterRole': plain,
  'rbac.authorization.k8s.io/ClusterRoleBinding': `Name, Role, Age, ${subjects}`,
  'rbac.authorization.k8s.io/Role': plain,
  'rbac.authorization.k8s.io/RoleBinding': `Name, Role, Age, ${subjects}`,
  'scheduling.k8s.io/PriorityClass':
    'Name, Value:integer, Global-Default:boolean, Age, PreemptionPolicy',
  'storage.k8s.io/StorageClass':
    'Name, Provisioner, ReclaimPolicy, VolumeBindingMode, AllowVolumeExpansion, Age',
};

function columnsOf(id: string): Column[] {
  const [group = '', kind = ''] = id.split('/');
  return listAt(
    toTable({ group, kind }, [], { now: 0 }),
    'columnDefinitions',
  ) as unknown as Column[];
}

function notation({ name, type, priority }: Column): string {
  return `${name}${type === 'string' ? '' : `:${type}`}${priority === 0 ? '' : '+'}`;
}

describe('the columns of built-in kinds', () => {
  it('are known for every kind that is kept', () => {
    const kept = builtins.filter(({ verbs }) => verbs.includes('list'));
    const ids = kept.map(({ group, kind }) => `${group}/${kind}`);
    expect(Object.keys(columns)).toEqual(ids.sort());
  });

  it.each(Object.entries(columns))('are those of the reference server: %s', (id, expected) => {
    const found = columnsOf(id);
    expect(found.map(notation).join(', ')).toBe(expected);
    for (const { name, format, description } of found) {
      expect(format).toBe(name === 'Name' ? 'name' : '');
      // The reference server looks for it where there is none.
      if (name !== 'Handler') expect(description).toMatch(/\w/);
    }
  });
});
