/** How bad it is, worst first. */
export const severities = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

export const operators = [
  'GreaterThan',
  'GreaterOrEqual',
  'LessThan',
  'LessOrEqual',
  'Equal',
  'NotEqual',
  'In',
  'NotIn',
] as const;
export type Operator = (typeof operators)[number];

/** Numbers are held against `threshold`, texts (a condition's status, a verdict) against `values`. */
export interface Comparison {
  readonly operator: Operator;
  readonly threshold?: number;
  readonly values?: readonly string[];
}

/** What a rule looks at; which of it, where nothing is said: all that there is on the node. */
export type AlertSource =
  | {
      readonly type: 'unit';
      readonly judgement: string;
      readonly unit: string;
      readonly measure: 'mean' | 'score' | 'passes';
    }
  | { readonly type: 'verdict'; readonly judgement?: string }
  /** With `increaseSeconds`, by how much a counter has grown over so long. */
  | {
      readonly type: 'metric';
      readonly name: string;
      readonly labels: Labels;
      readonly increaseSeconds?: number;
    }
  | { readonly type: 'nodeCondition'; readonly condition: string }
  /** Without a condition: the state of the device. */
  | {
      readonly type: 'device';
      readonly namespace?: string;
      readonly name?: string;
      readonly condition?: string;
    }
  /** Why containers wait: `CrashLoopBackOff`, `ImagePullBackOff`; empty for one that does not. */
  | { readonly type: 'container'; readonly namespace?: string; readonly pod?: string }
  /** Reports given up over so long. */
  | { readonly type: 'outboxLoss'; readonly increaseSeconds: number }
  /** Days until the certificate of the agent expires. */
  | { readonly type: 'certificate' }
  /** Seconds since a node was heard: in the hub. */
  | { readonly type: 'nodeSilence' };

export type Labels = Readonly<Record<string, string>>;

/** Where what happens is told besides Events and Alert objects. */
export type Receiver =
  | { readonly type: 'webhook'; readonly url: string; readonly timeoutSeconds: number }
  /** Without `url`: the broker of the node. */
  | {
      readonly type: 'mqtt';
      readonly url?: string;
      readonly topic: string;
      readonly qos: 0 | 1 | 2;
      readonly retain: boolean;
    };

/** When somebody is to be told, and what. */
export interface AlertRule {
  readonly name: string;
  /** Undefined: it ships with the agent. */
  readonly uid?: string;
  readonly generation: number;
  readonly enabled: boolean;
  readonly source: AlertSource;
  readonly comparison: Comparison;
  /** How long the comparison must hold without a break. */
  readonly forSeconds: number;
  readonly severity: Severity;
  readonly labels: Labels;
  /** With `{{ value }}`, `{{ node }}`, `{{ instance }}` and `{{ labels.NAME }}` in it. */
  readonly message: string;
  /** Alerts of the rule that agree in these labels are told together. */
  readonly groupBy: readonly string[];
  readonly receivers: readonly Receiver[];
}

/** What a source says now about one thing. */
export interface Sighting {
  /** Tells things of one rule apart: `pods/default/web/app`; empty where there is only one. */
  readonly instance: string;
  readonly labels: Labels;
  /** Undefined: not known now, which proves nothing. */
  readonly value: number | string | undefined;
}

const orders: Readonly<Partial<Record<Operator, (value: number, threshold: number) => boolean>>> = {
  GreaterThan: (value, threshold) => value > threshold,
  GreaterOrEqual: (value, threshold) => value >= threshold,
  LessThan: (value, threshold) => value < threshold,
  LessOrEqual: (value, threshold) => value <= threshold,
  Equal: (value, threshold) => value === threshold,
  NotEqual: (value, threshold) => value !== threshold,
};

/** Whether what is seen is what the rule is about; undefined where that cannot be said. */
export function holds(
  { operator, threshold, values = [] }: Comparison,
  value: Sighting['value'],
): boolean | undefined {
  if (value === undefined || Number.isNaN(value)) return undefined;
  if (operator === 'In') return values.includes(String(value));
  if (operator === 'NotIn') return !values.includes(String(value));
  if (typeof value === 'string' || threshold === undefined) return undefined;
  return orders[operator]?.(value, threshold);
}

/** The message of a rule, about what was seen. */
export function messageFor(
  { message }: AlertRule,
  node: string,
  { instance, labels, value }: Sighting,
): string {
  const words: Readonly<Record<string, string>> = { node, instance, value: shown(value) };
  return message.replaceAll(/\{\{\s*(?:labels\.)?([\w./-]+)\s*\}\}/g, (_, name: string) => {
    return words[name] ?? labels[name] ?? '';
  });
}

function shown(value: Sighting['value']): string {
  if (typeof value !== 'number') return value ?? 'unknown';
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
}
