import { nodeOfLocalVolume, type LocalVolume } from '@skerry/shared/kube/local-volumes';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import { at, count, text } from '../kube/json-read.ts';
import {
  alertRules,
  alerts,
  clusterRoleBindings,
  clusterRoles,
  configMaps,
  cronJobs,
  deviceModels,
  devices,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  roleBindings,
  roles,
  secrets,
  serviceAccounts,
  statusJudgements,
  silences,
  type ResourceType,
} from '../kube/resource.ts';
import { nodeOfCronJob, podOfCronJob } from '../route/cron-jobs.ts';
import {
  accountReferences,
  bindingReferences,
  boundAccounts,
  claimReferences,
  deviceReferences,
  podReferences,
} from '../route/references.ts';
import { unrouted, type Routing } from '../route/observed.ts';
import { isFields } from '../upstream/merge-diff.ts';

/** A kind of object that the hub watches, and how to tell from one where it goes. */
export interface WatchedResource {
  readonly type: ResourceType;
  readonly route: (object: unknown) => Routing;
}

/**
 * Everything that may go to a node, a row each. A further kind is a further row: pods, devices, Nodes,
 * judgements, rules of alarms and volumes that a node has made are placed by themselves; the others go to
 * those that refer to them, and take along what they refer to; bindings follow the accounts that they bind.
 * Alerts go nowhere: nodes have told them, and hubs count them.
 */
export const watchedResources: readonly WatchedResource[] = [
  { type: configMaps, route: () => unrouted },
  { type: secrets, route: () => unrouted },
  { type: serviceAccounts, route: (account) => ({ refers: accountReferences(account) }) },
  { type: persistentVolumes, route: keptByNode },
  { type: persistentVolumeClaims, route: (claim) => ({ refers: claimReferences(claim) }) },
  { type: roles, route: () => unrouted },
  { type: clusterRoles, route: () => unrouted },
  { type: roleBindings, route: boundToAccounts },
  { type: clusterRoleBindings, route: boundToAccounts },
  { type: deviceModels, route: () => unrouted },
  { type: nodes, route: (node) => ({ node: asNode(at(node, 'metadata', 'name')), refers: [] }) },
  { type: pods, route: (pod) => placedBySpec(pod, podReferences) },
  { type: cronJobs, route: placedAtEdge },
  { type: devices, route: (device) => placedBySpec(device, deviceReferences) },
  { type: statusJudgements, route: placedByNameOrLabels },
  { type: alertRules, route: placedByNameOrLabels },
  { type: silences, route: placedByNameOrLabels },
  { type: alerts, route: () => unrouted },
];

/** What an account may do goes with it, for the local API of its pods' node. */
function boundToAccounts(binding: unknown): Routing {
  return { refers: bindingReferences(binding), follows: boundAccounts(binding) };
}

/** What a node has of a volume it removes when that is deleted, and no pod refers to it by then. */
function keptByNode(volume: unknown): Routing {
  return { node: asNode(nodeOfLocalVolume(volume as LocalVolume)), refers: [] };
}

function placedBySpec(object: unknown, references: (object: unknown) => ObjectKey[]): Routing {
  const node = asNode(at(object, 'spec', 'nodeName'));
  if (node === undefined) return unrouted;
  return {
    node,
    refers: references(object),
    generation: count(at(object, 'metadata', 'generation')),
  };
}

/** On the node that `spec.nodeName` says, or on all whose labels `spec.nodeSelector` selects. */
function placedByNameOrLabels(object: unknown): Routing {
  const selector = at(object, 'spec', 'nodeSelector');
  return {
    node: asNode(at(object, 'spec', 'nodeName')),
    ...(isFields(selector) && { selector: JSON.stringify(selector) }),
    refers: [],
    generation: count(at(object, 'metadata', 'generation')),
  };
}

/** A CronJob that an edge node runs by itself goes there, with what its pods refer to. */
function placedAtEdge(cronJob: unknown): Routing {
  const node = nodeOfCronJob(cronJob);
  if (node === undefined) return unrouted;
  return {
    node,
    refers: podReferences(podOfCronJob(cronJob)),
    generation: count(at(cronJob, 'metadata', 'generation')),
  };
}

function asNode(name: unknown): NodeName | undefined {
  return text(name) as NodeName | undefined;
}
