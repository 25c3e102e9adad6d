import { kubeTime } from '@skerry/shared/clock';
import { isObject, listAt, textAt, type KubeObject } from '../json.ts';
import { badRequest, conflict, notFound } from '../refusals.ts';
import type { Answer } from './answer.ts';
import { keyOf, subjectOf, type Call, type RestParts } from './call.ts';
import { decodeObject } from './decode.ts';
import { writeOptions } from './options.ts';
import { settle } from './settle.ts';

/**
 * Places a pod on a node, once.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/binding-v1/
 */
export async function bind(parts: RestParts, call: Call): Promise<Answer> {
  const node = textAt(decodeObject(call), 'target', 'name') ?? '';
  if (node === '') throw badRequest('target.name: Required value');
  await settle(
    parts.store,
    keyOf(call),
    (current) => {
      if (!current) throw notFound(subjectOf(call), call.name);
      const pod = current.parse();
      checkUnbound(call, pod);
      return { do: 'put', object: bound(pod, node, kubeTime(parts.clock.now())) };
    },
    writeOptions(call).dryRun,
  );
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  return { type: 'plain', status: 201, body };
}

function checkUnbound(call: Call, pod: KubeObject): void {
  const subject = { group: '', plural: 'pods/binding' };
  const node = textAt(pod, 'spec', 'nodeName') ?? '';
  if (pod.metadata.deletionTimestamp !== undefined)
    throw conflict(
      subject,
      call.name,
      `pod ${call.name} is being deleted, cannot be assigned to a host`,
    );
  if (node !== '')
    throw conflict(subject, call.name, `pod ${call.name} is already assigned to node "${node}"`);
}

function bound(pod: KubeObject, node: string, now: string): KubeObject {
  const { spec, status } = pod;
  const others = listAt(status, 'conditions').filter(
    (condition) => textAt(condition, 'type') !== 'PodScheduled',
  );
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: now,
  };
  return {
    ...pod,
    spec: { ...(isObject(spec) ? spec : {}), nodeName: node },
    status: { ...(isObject(status) ? status : {}), conditions: [...others, scheduled] },
  };
}
