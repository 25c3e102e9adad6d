import { listAt, textAt, valueAt, type Json } from '../json.ts';
import { since } from './age.ts';
import { ageColumn, ageOf, cell, columnsOf, nameColumn, nameOf, type Printer } from './printer.ts';
import { podSummary } from './pod-summary.ts';

/** Pods: the state of their containers in a word. */
export const podPrinter: Printer = {
  columns: columnsOf('', 'Pod', [
    nameColumn,
    {
      name: 'Ready',
      description: 'The aggregate readiness state of this pod for accepting traffic.',
    },
    { name: 'Status', description: 'The aggregate status of the containers in this pod.' },
    {
      name: 'Restarts',
      description:
        'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    },
    ageColumn,
    { name: 'IP', of: 'status.podIP', wide: true },
    { name: 'Node', of: 'spec.nodeName', wide: true },
    { name: 'Nominated Node', of: 'status.nominatedNodeName', wide: true },
    { name: 'Readiness Gates', of: 'spec.readinessGates', wide: true },
  ]),
  cells: (pod, now) => {
    const { ready, total, reason, restarts, lastRestart } = podSummary(pod);
    const ago =
      restarts > 0 && lastRestart !== undefined ? ` (${since(lastRestart, now)} ago)` : '';
    return [
      nameOf(pod),
      `${ready}/${total}`,
      reason,
      `${restarts}${ago}`,
      ageOf(pod, now),
      textAt(listAt(pod, 'status', 'podIPs')[0], 'ip') ?? '<none>',
      cell(pod, 'spec.nodeName', '<none>'),
      cell(pod, 'status.nominatedNodeName', '<none>'),
      readinessGates(pod),
    ];
  },
  conditions: (pod) => {
    const phase = textAt(pod, 'status', 'phase');
    if (phase === 'Succeeded') return [completed(phase, 'The pod has completed successfully.')];
    return phase === 'Failed' ? [completed(phase, 'The pod failed.')] : [];
  },
};

function completed(reason: string, message: string): Json {
  return { type: 'Completed', status: 'True', reason, message };
}

function readinessGates(pod: Json): string {
  const gates = listAt(pod, 'spec', 'readinessGates');
  if (gates.length === 0) return '<none>';
  const conditions = listAt(pod, 'status', 'conditions');
  const open = gates.filter((gate) => {
    const type = valueAt(gate, 'conditionType');
    const condition = conditions.find((one) => valueAt(one, 'type') === type);
    return valueAt(condition, 'status') === 'True';
  });
  return `${open.length}/${gates.length}`;
}
