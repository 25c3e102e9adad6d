import { listAt, textAt, valueAt, type Json } from '../json.ts';
import { humanDuration, since } from './age.ts';
import {
  ageColumn,
  ageOf,
  cell,
  columnsOf,
  count,
  labelsCell,
  nameColumn,
  nameOf,
  selectorCell,
  templateCells,
  templateColumns,
  type ColumnSketch,
  type Printer,
} from './printer.ts';

const selectorColumn: ColumnSketch = { name: 'Selector', of: 'spec.selector', wide: true };
const readyColumn: ColumnSketch = {
  name: 'Ready',
  description: 'Number of the pod with ready state',
};

/** Names, images and selector of a workload's pods. */
function templateAndSelector(object: Json): Json[] {
  return [
    ...templateCells(valueAt(object, 'spec', 'template', 'spec')),
    selectorCell(valueAt(object, 'spec', 'selector')),
  ];
}

export const deploymentPrinter: Printer = {
  columns: columnsOf('apps', 'Deployment', [
    nameColumn,
    readyColumn,
    { name: 'Up-to-date', of: 'status.updatedReplicas' },
    { name: 'Available', of: 'status.availableReplicas' },
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ]),
  cells: (object, now) => [
    nameOf(object),
    `${count(object, 'status.readyReplicas')}/${count(object, 'spec.replicas')}`,
    count(object, 'status.updatedReplicas'),
    count(object, 'status.availableReplicas'),
    ageOf(object, now),
    ...templateAndSelector(object),
  ],
};

export const replicaSetPrinter: Printer = {
  columns: columnsOf('apps', 'ReplicaSet', [
    nameColumn,
    { name: 'Desired', type: 'integer', of: 'spec.replicas' },
    { name: 'Current', type: 'integer', of: 'status.replicas' },
    { name: 'Ready', type: 'integer', of: 'status.readyReplicas' },
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ]),
  cells: (object, now) => [
    nameOf(object),
    count(object, 'spec.replicas'),
    count(object, 'status.replicas'),
    count(object, 'status.readyReplicas'),
    ageOf(object, now),
    ...templateAndSelector(object),
  ],
};

export const daemonSetPrinter: Printer = {
  columns: columnsOf('apps', 'DaemonSet', [
    nameColumn,
    { name: 'Desired', type: 'integer', of: 'status.desiredNumberScheduled' },
    { name: 'Current', type: 'integer', of: 'status.currentNumberScheduled' },
    { name: 'Ready', type: 'integer', of: 'status.numberReady' },
    { name: 'Up-to-date', type: 'integer', of: 'status.updatedNumberScheduled' },
    { name: 'Available', type: 'integer', of: 'status.numberAvailable' },
    { name: 'Node Selector', of: 'spec.template.spec.nodeSelector' },
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ]),
  cells: (object, now) => [
    nameOf(object),
    count(object, 'status.desiredNumberScheduled'),
    count(object, 'status.currentNumberScheduled'),
    count(object, 'status.numberReady'),
    count(object, 'status.updatedNumberScheduled'),
    count(object, 'status.numberAvailable'),
    labelsCell(valueAt(object, 'spec', 'template', 'spec', 'nodeSelector')),
    ageOf(object, now),
    ...templateAndSelector(object),
  ],
};

export const statefulSetPrinter: Printer = {
  columns: columnsOf('apps', 'StatefulSet', [
    nameColumn,
    readyColumn,
    ageColumn,
    ...templateColumns,
  ]),
  cells: (object, now) => [
    nameOf(object),
    `${count(object, 'status.readyReplicas')}/${count(object, 'spec.replicas')}`,
    ageOf(object, now),
    ...templateCells(valueAt(object, 'spec', 'template', 'spec')),
  ],
};

export const controllerRevisionPrinter: Printer = {
  columns: columnsOf('apps', 'ControllerRevision', [
    nameColumn,
    { name: 'Controller', description: 'Controller of the object' },
    { name: 'Revision', of: 'revision' },
    ageColumn,
  ]),
  cells: (object, now) => [
    nameOf(object),
    controllerOf(object),
    count(object, 'revision'),
    ageOf(object, now),
  ],
};

function controllerOf(object: Json): string {
  const owners = listAt(object, 'metadata', 'ownerReferences');
  const owner = owners.find((one) => valueAt(one, 'controller') === true);
  if (owner === undefined) return '<none>';
  const [group = '', version] = (textAt(owner, 'apiVersion') ?? '').split('/');
  const kind = cell(owner, 'kind').toLowerCase();
  return `${version === undefined ? kind : `${kind}.${group}`}/${cell(owner, 'name')}`;
}

export const jobPrinter: Printer = {
  columns: columnsOf('batch', 'Job', [
    nameColumn,
    { name: 'Status', description: 'Status of the job.' },
    { name: 'Completions', of: 'status.succeeded' },
    { name: 'Duration', description: 'Time required to complete the job.' },
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ]),
  cells: (job, now) => [
    nameOf(job),
    jobStatus(job),
    completions(job),
    jobDuration(job, now),
    ageOf(job, now),
    ...templateAndSelector(job),
  ],
};

function jobStatus(job: Json): string {
  const conditions = listAt(job, 'status', 'conditions');
  const has = (type: string): boolean =>
    conditions.some((one) => textAt(one, 'type') === type && textAt(one, 'status') === 'True');
  const ended = ['Complete', 'Failed'].find(has);
  if (ended !== undefined) return ended;
  if (valueAt(job, 'metadata', 'deletionTimestamp') !== undefined) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(has) ?? 'Running';
}

function completions(job: Json): string {
  const succeeded = count(job, 'status.succeeded');
  const wanted = valueAt(job, 'spec', 'completions');
  if (typeof wanted === 'number') return `${succeeded}/${wanted}`;
  const parallelism = count(job, 'spec.parallelism');
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration(job: Json, now: number): string {
  const start = Date.parse(cell(job, 'status.startTime'));
  const end = Date.parse(cell(job, 'status.completionTime'));
  if (Number.isNaN(start)) return '';
  return humanDuration((Number.isNaN(end) ? now : end) - start);
}

export const cronJobPrinter: Printer = {
  columns: columnsOf('batch', 'CronJob', [
    nameColumn,
    { name: 'Schedule', of: 'spec.schedule' },
    { name: 'Timezone', of: 'spec.timeZone' },
    { name: 'Suspend', type: 'boolean', of: 'spec.suspend' },
    { name: 'Active', type: 'integer', of: 'status.active' },
    { name: 'Last Schedule', of: 'status.lastScheduleTime' },
    ageColumn,
    ...templateColumns,
    { ...selectorColumn, of: 'spec.jobTemplate.spec.selector' },
  ]),
  cells: (object, now) => {
    const job = valueAt(object, 'spec', 'jobTemplate', 'spec');
    const last = cell(object, 'status.lastScheduleTime');
    return [
      nameOf(object),
      cell(object, 'spec.schedule'),
      cell(object, 'spec.timeZone', '<none>'),
      suspended(valueAt(object, 'spec', 'suspend')),
      listAt(object, 'status', 'active').length,
      last === '' ? '<none>' : since(last, now),
      ageOf(object, now),
      ...templateCells(valueAt(job, 'template', 'spec')),
      selectorCell(valueAt(job, 'selector')),
    ];
  },
};

function suspended(value: Json | undefined): string {
  if (typeof value !== 'boolean') return '<unset>';
  return value ? 'True' : 'False';
}
