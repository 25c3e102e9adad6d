/** An alert as people see it, wherever it was read. Times are milliseconds since the epoch. */
export interface AlertLine {
  readonly name: string;
  readonly severity: string;
  readonly state: string;
  readonly node: string;
  readonly rule: string;
  readonly message: string;
  readonly startsAt?: number | undefined;
  readonly endsAt?: number | undefined;
  readonly silencedBy?: string | undefined;
}

/** What was silenced: who bears all of these labels, and until when. */
export interface SilenceSpec {
  readonly matchLabels: Readonly<Record<string, string>>;
  /** RFC 3339. */
  readonly endsAt: string;
  readonly comment: string;
}

/** Where alerts are read and silences are kept. */
export interface AlarmDoor extends Partial<Disposable> {
  alerts(signal: AbortSignal): Promise<readonly AlertLine[]>;
  silence(name: string, spec: SilenceSpec, signal: AbortSignal): Promise<void>;
  unsilence(name: string, signal: AbortSignal): Promise<void>;
}

const ranks = ['critical', 'warning', 'info'];

/** What fires first, worst first, longest first. */
export function inOrder(lines: readonly AlertLine[]): AlertLine[] {
  const rank = ({ state, severity }: AlertLine): number =>
    (state === 'resolved' ? ranks.length : 0) + ranks.indexOf(severity);
  return lines.toSorted((a, b) => rank(a) - rank(b) || (a.startsAt ?? 0) - (b.startsAt ?? 0));
}

/** An Alert as the API has it. */
export interface AlertObject {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly rule: string;
    readonly node: string;
    readonly severity?: string;
  };
  readonly status?: {
    readonly state?: string;
    readonly startsAt?: string;
    readonly endsAt?: string | null;
    readonly message?: string;
    readonly silencedBy?: string | null;
  };
}

export function lineOf({ metadata, spec, status = {} }: AlertObject): AlertLine {
  const { state = 'unknown', message = '', silencedBy } = status;
  return {
    ...{ name: metadata.name, state, message, node: spec.node, rule: spec.rule },
    severity: spec.severity ?? '',
    startsAt: timeOf(status.startsAt),
    endsAt: timeOf(status.endsAt),
    ...(typeof silencedBy === 'string' && { silencedBy }),
  };
}

function timeOf(text: string | null | undefined): number | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

/** A Silence for an API to make. */
export function silenceObject(name: string, spec: object): object {
  return { apiVersion: 'edge.skerry.io/v1alpha1', kind: 'Silence', metadata: { name }, spec };
}
