import { objectAt, type Json, type JsonObject } from '../json.ts';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { clusterRoleBindingPrinter, roleBindingPrinter } from './access.ts';
import { eventPrinter, leasePrinter, namespacePrinter, nodePrinter } from './cluster.ts';
import { configMapPrinter, secretPrinter, serviceAccountPrinter } from './configuration.ts';
import { customPrinter, plainPrinter, type PrinterColumn } from './custom.ts';
import { podPrinter } from './pods.ts';
import type { Printer } from './printer.ts';
import { endpointsPrinter, servicePrinter } from './services.ts';
import { persistentVolumeClaimPrinter, persistentVolumePrinter } from './storage.ts';
import {
  endpointSlicePrinter,
  networkPolicyPrinter,
  priorityClassPrinter,
  runtimeClassPrinter,
  signingRequestPrinter,
  storageClassPrinter,
} from './site-kinds.ts';
import {
  controllerRevisionPrinter,
  cronJobPrinter,
  daemonSetPrinter,
  deploymentPrinter,
  jobPrinter,
  replicaSetPrinter,
  statefulSetPrinter,
} from './workloads.ts';

/** Which objects a table shows. */
export interface TableKind {
  readonly group: string;
  readonly kind: string;
}

export interface TableOptions {
  /** Milliseconds since the Unix epoch, for ages. */
  readonly now: number;
  /** Columns of a custom resource, from its definition. */
  readonly columns?: readonly PrinterColumn[] | undefined;
  /** What rows carry of their object; its metadata when absent. */
  readonly includeObject?: 'None' | 'Metadata' | 'Object' | undefined;
  /** False in all but the first event of a watch: its client knows the columns. */
  readonly headers?: boolean | undefined;
  /** Version of the list, or of the one object. */
  readonly resourceVersion?: string | undefined;
  /** Token for the next page. */
  readonly continue?: string | undefined;
  readonly remainingItemCount?: number | undefined;
}

const printers: ReadonlyMap<string, Printer> = new Map<string, Printer>([
  ['/ConfigMap', configMapPrinter],
  ['/Endpoints', endpointsPrinter],
  ['/Event', eventPrinter],
  ['/Namespace', namespacePrinter],
  ['/Node', nodePrinter],
  ['/PersistentVolume', persistentVolumePrinter],
  ['/PersistentVolumeClaim', persistentVolumeClaimPrinter],
  ['/Pod', podPrinter],
  ['/Secret', secretPrinter],
  ['/Service', servicePrinter],
  ['/ServiceAccount', serviceAccountPrinter],
  ['apps/ControllerRevision', controllerRevisionPrinter],
  ['apps/DaemonSet', daemonSetPrinter],
  ['apps/Deployment', deploymentPrinter],
  ['apps/ReplicaSet', replicaSetPrinter],
  ['apps/StatefulSet', statefulSetPrinter],
  ['batch/CronJob', cronJobPrinter],
  ['batch/Job', jobPrinter],
  ['coordination.k8s.io/Lease', leasePrinter],
  ['certificates.k8s.io/CertificateSigningRequest', signingRequestPrinter],
  ['discovery.k8s.io/EndpointSlice', endpointSlicePrinter],
  ['events.k8s.io/Event', eventPrinter],
  ['networking.k8s.io/NetworkPolicy', networkPolicyPrinter],
  ['node.k8s.io/RuntimeClass', runtimeClassPrinter],
  ['scheduling.k8s.io/PriorityClass', priorityClassPrinter],
  ['storage.k8s.io/StorageClass', storageClassPrinter],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', clusterRoleBindingPrinter],
  ['rbac.authorization.k8s.io/RoleBinding', roleBindingPrinter],
]);

/**
 * Objects as a `meta.k8s.io/v1` Table, with the columns and cells that the reference server prints.
 * Never throws, whatever the objects hold: what cannot be shown is an empty cell.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */
export function toTable(
  kind: TableKind,
  objects: readonly Json[],
  options: TableOptions,
): JsonObject {
  const printer = printerOf(kind, options.columns);
  const { headers = true, includeObject = 'Metadata' } = options;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: listMetadata(options),
    columnDefinitions: headers ? printer.columns.map((column) => ({ ...column })) : null,
    rows: objects.map((object) => ({
      cells: printer.cells(object, options.now),
      ...withConditions(printer, object),
      ...withObject(object, includeObject),
    })),
  };
}

function printerOf({ group, kind }: TableKind, columns: TableOptions['columns']): Printer {
  const printer = printers.get(`${group}/${kind}`);
  if (printer) return printer;
  return builtinSchema(group, kind) ? plainPrinter : customPrinter(columns ?? []);
}

function listMetadata(options: TableOptions): JsonObject {
  const { resourceVersion, remainingItemCount } = options;
  return {
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(options.continue === undefined ? {} : { continue: options.continue }),
    ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
  };
}

function withConditions({ conditions }: Printer, object: Json): JsonObject {
  const found = conditions?.(object) ?? [];
  return found.length === 0 ? {} : { conditions: found };
}

function withObject(object: Json, include: 'None' | 'Metadata' | 'Object'): JsonObject {
  switch (include) {
    case 'None':
      return {};
    case 'Object':
      return { object };
    case 'Metadata':
      return { object: toPartialObject(object) };
  }
}

/** An object's metadata and nothing else. */
function toPartialObject(object: Json): JsonObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: objectAt(object, 'metadata') ?? {},
  };
}
