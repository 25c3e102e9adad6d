import type { AlertRule, AlertSource, Comparison, Severity } from './alert-rule.ts';

const day = 86_400;

function rule(
  name: string,
  source: AlertSource,
  comparison: Comparison,
  rest: { readonly forSeconds: number; readonly severity: Severity; readonly message: string },
): AlertRule {
  const common = { generation: 0, enabled: true, labels: {}, groupBy: [], receivers: [] };
  return { ...common, name, source, comparison, ...rest };
}

const over = (threshold: number): Comparison => ({ operator: 'GreaterThan', threshold });
const anyOf = (...values: string[]): Comparison => ({ operator: 'In', values });

/** On everywhere, unless an AlertRule of the same name says otherwise. */
export const defaultRules: readonly AlertRule[] = [
  rule('node-silent', { type: 'nodeSilence' }, over(60), {
    forSeconds: 0,
    severity: 'critical',
    message: 'nothing was heard of {{ node }} for {{ value }} s',
  }),
  rule(
    'disk-almost-full',
    { type: 'metric', name: 'skerry_edge_disk_used_ratio', labels: {} },
    over(0.9),
    {
      forSeconds: 60,
      severity: 'warning',
      message: 'the disk of {{ node }} is full to {{ value }} of 1',
    },
  ),
  rule(
    'certificate-expires',
    { type: 'certificate' },
    { operator: 'LessThan', threshold: 14 },
    {
      forSeconds: 0,
      severity: 'warning',
      message: 'the certificate of {{ node }} expires in {{ value }} days',
    },
  ),
  rule('reports-lost', { type: 'outboxLoss', increaseSeconds: 900 }, over(0), {
    forSeconds: 0,
    severity: 'critical',
    message:
      '{{ node }} has given up {{ value }} reports within 15 minutes ({{ labels.class }}, {{ labels.reason }})',
  }),
  rule('node-not-ready', { type: 'nodeCondition', condition: 'Ready' }, anyOf('False'), {
    forSeconds: 60,
    severity: 'critical',
    message: '{{ node }} cannot run pods: skerry status says why',
  }),
  rule('device-unwell', { type: 'device' }, anyOf('stale', 'error'), {
    forSeconds: 60,
    severity: 'warning',
    message: 'device {{ labels.device }} is {{ value }}',
  }),
  rule('pod-crashes', { type: 'container' }, anyOf('CrashLoopBackOff'), {
    forSeconds: 0,
    severity: 'warning',
    message: 'container {{ labels.container }} of pod {{ labels.pod }} crashes again and again',
  }),
  rule('judgement-blocked', { type: 'verdict' }, anyOf('Blocked'), {
    forSeconds: 0,
    severity: 'critical',
    message: '{{ node }} is {{ value }} by {{ labels.judgement }}',
  }),
];

/** How long an alert that has resolved is kept, seconds. */
export const resolvedKeptSeconds: number = 7 * day;
