import { objectAt, textAt, valueAt, type JsonObject, type KubeObject } from '../json.ts';
import { forbidden } from '../refusals.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { subjectOf, type Call, type RestParts } from './call.ts';

const classes = 'priorityclasses.scheduling.k8s.io';

interface Priority {
  /** Empty: no class says it. */
  readonly name: string;
  readonly value: number;
  readonly preemptionPolicy: string;
}

/** What a cluster gives where no class is the default. */
const ordinary: Priority = { name: '', value: 0, preemptionPolicy: 'PreemptLowerPriority' };

/**
 * Gives a new pod the priority of its class, or of the default one. Throws Forbidden when there is no such
 * class, and when the pod says another priority or policy than its class.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#pod-priority
 */
export function givePriority({ store }: RestParts, call: Call, pod: KubeObject): void {
  const spec = objectAt(pod, 'spec');
  if (!spec) return;
  const refuse = (why: string): never => {
    throw forbidden(subjectOf(call), pod.metadata.name ?? '', why);
  };
  const name = textAt(spec, 'priorityClassName') ?? '';
  const priority = name === '' ? defaultOf(store) : classNamed(store, name);
  if (!priority) return refuse(`no PriorityClass with name ${name} was found`);
  const { value, preemptionPolicy } = priority;
  if (contradicts(spec, 'priority', value))
    refuse(
      `the integer value of priority (${JSON.stringify(spec['priority'])}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    );
  if (contradicts(spec, 'preemptionPolicy', preemptionPolicy))
    refuse(
      `the string value of PreemptionPolicy (${JSON.stringify(spec['preemptionPolicy'])}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
    );
  Object.assign(spec, { priority: value, preemptionPolicy });
  if (priority.name !== '') spec['priorityClassName'] = priority.name;
}

function contradicts(spec: JsonObject, field: string, computed: number | string): boolean {
  const own = valueAt(spec, field) ?? computed;
  return own !== computed;
}

function classNamed(store: ObjectStore, name: string): Priority | undefined {
  const held = store.get({ resource: classes, namespace: '', name });
  return held && toPriority(held.parse());
}

/** Where several are the default, the lowest wins. */
function defaultOf(store: ObjectStore): Priority {
  const defaults = store
    .list(classes)
    .map((held) => held.parse())
    .filter((one) => valueAt(one, 'globalDefault') === true)
    .map(toPriority);
  const [lowest] = defaults.toSorted((a, b) => a.value - b.value);
  return lowest ?? ordinary;
}

function toPriority(one: KubeObject): Priority {
  const value = valueAt(one, 'value');
  return {
    name: one.metadata.name ?? '',
    value: typeof value === 'number' ? value : ordinary.value,
    preemptionPolicy: textAt(one, 'preemptionPolicy') ?? ordinary.preemptionPolicy,
  };
}
