interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: {
    readonly exitCode: number;
    readonly reason?: string;
    readonly finishedAt?: string;
  };
}

interface Container {
  readonly name: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

/** An object of the node, as far as it says how it fares. */
export interface Faring {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly creationTimestamp?: string;
  };
  readonly spec?: { readonly rule?: string; readonly severity?: string };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly state?: string;
    readonly startsAt?: string;
    readonly silencedBy?: string | null;
    readonly conditions?: readonly Condition[];
    readonly initContainerStatuses?: readonly Container[];
    readonly containerStatuses?: readonly Container[];
  };
}

/** What this node holds, of the kinds that can be unwell. */
export interface Site {
  readonly nodes: readonly Faring[];
  readonly pods: readonly Faring[];
  readonly devices: readonly Faring[];
  readonly alerts: readonly Faring[];
}

/** Something that is wrong, in plain words. */
export interface Trouble {
  /** `pod default/web`. */
  readonly what: string;
  readonly is: string;
  /** RFC 3339. */
  readonly since?: string | undefined;
  /** What the node does about it. */
  readonly doing: string;
}

/** Pure: all that is wrong at a node, the node itself first. */
export function troublesOf({ nodes, pods, devices, alerts }: Site): Trouble[] {
  return [
    ...nodes.flatMap(ofNode),
    ...pods.flatMap(ofPod),
    ...devices.flatMap(ofDevice),
    ...alerts.flatMap(ofAlert),
  ];
}

const nodeSays: Readonly<Record<string, { readonly bad: string; readonly doing: string }>> = {
  Ready: {
    bad: 'False',
    doing:
      'how pods are is not known now, only how they were; the engine is looked for every few seconds',
  },
  MemoryPressure: { bad: 'True', doing: 'no new pods are taken; pods are evicted if it lasts' },
  DiskPressure: { bad: 'True', doing: 'unused images go, no new pods are taken, then pods go' },
  PIDPressure: { bad: 'True', doing: 'no new pods are taken; pods are evicted if it lasts' },
  'edge.skerry.io/Judgement': {
    bad: 'False',
    doing: 'it is judged on and on: skerry judge shows by what',
  },
};

function ofNode({ metadata, status = {} }: Faring): Trouble[] {
  return (status.conditions ?? []).flatMap(({ type, status: is, message, lastTransitionTime }) => {
    const says = nodeSays[type];
    if (says?.bad !== is) return [];
    const what = `node ${metadata.name}`;
    return [{ what, is: message ?? type, since: lastTransitionTime, doing: says.doing }];
  });
}

const podDoing: Readonly<Record<string, string>> = {
  ErrImagePull: 'the image is asked for again, ever more rarely',
  ImagePullBackOff: 'the image is asked for again, ever more rarely',
  ErrImageNeverPull: 'it begins when the image is put on this machine',
  CreateContainerConfigError: 'it is tried again whenever what it refers to changes',
  ContainerRuntimeUnavailable: 'it begins when the engine is there',
  Unverified: 'it is verified again, ever more rarely, and held back until then',
};

function ofPod({ metadata, status = {} }: Faring): Trouble[] {
  const what = `pod ${metadata.namespace ?? ''}/${metadata.name}`;
  const { phase, reason, message, conditions = [] } = status;
  const since = conditions.find(({ type }) => type === 'Ready')?.lastTransitionTime;
  if (phase === 'Succeeded') return [];
  if (phase === 'Failed') {
    const is = `it has failed${sentence(reason, message)}`;
    return [{ what, is, since, doing: 'nothing: it is over, and another takes its place or none' }];
  }
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return containers.flatMap((container) => ofContainer(container, since, what));
}

/** A container that only takes its turn is in order. */
const inOrder = new Set(['ContainerCreating', 'PodInitializing']);

function ofContainer(container: Container, since: string | undefined, what: string): Trouble[] {
  const { name, ready, state } = container;
  const { waiting } = state ?? {};
  if (waiting?.reason === 'CrashLoopBackOff') return [ofCrashing(container, what)];
  if (waiting) return ofWaiting(name, waiting, { what, since });
  if (ready === true || state?.terminated) return [];
  const doing = 'nobody is sent there until its readiness probe passes';
  return [{ what, is: `container ${name} runs and is not ready`, since, doing }];
}

function ofCrashing({ name, restartCount, state, lastState }: Container, what: string): Trouble {
  const { exitCode, finishedAt } = lastState?.terminated ?? {};
  const [, backOff] = /^back-off (\S+)/.exec(state?.waiting?.message ?? '') ?? [];
  const wait = backOff === undefined ? '' : ` ${backOff} after its end`;
  return {
    what,
    is: `container ${name} has crashed with exit code ${exitCode ?? '?'}, restarted ${restartCount ?? 0} times so far`,
    since: finishedAt,
    doing: `it is started again${wait}: skerry logs tells what it said`,
  };
}

function ofWaiting(
  name: string,
  { reason = '', message }: NonNullable<ContainerState['waiting']>,
  of: Pick<Trouble, 'what' | 'since'>,
): Trouble[] {
  if (inOrder.has(reason)) return [];
  const is = `container ${name} cannot run${sentence(reason, message)}`;
  return [{ ...of, is, doing: podDoing[reason] ?? 'it is tried again' }];
}

const deviceIs: Readonly<Record<string, string>> = {
  stale: 'is silent',
  offline: 'is offline',
  unknown: 'was never heard of',
  error: 'cannot be served',
};

function ofDevice({ metadata, status = {} }: Faring): Trouble[] {
  const { state = '', conditions = [] } = status;
  const is = deviceIs[state];
  if (is === undefined) return [];
  const online = conditions.find(({ type }) => type === 'Online');
  return [
    {
      what: `device ${metadata.namespace ?? ''}/${metadata.name}`,
      is: `it ${is}${sentence(undefined, online?.message)}`,
      since: online?.lastTransitionTime ?? metadata.creationTimestamp,
      doing:
        state === 'error'
          ? 'it is tried again when its Device or DeviceModel changes'
          : 'its last values and what it is to do are kept, and it is listened for',
    },
  ];
}

function ofAlert({ spec = {}, status = {} }: Faring): Trouble[] {
  const { state, message = '', startsAt, silencedBy } = status;
  if (state !== 'firing') return [];
  const doing =
    typeof silencedBy === 'string'
      ? `nobody is told: silenced by ${silencedBy}`
      : 'whoever is named to receive it is told, until it is taken';
  return [
    {
      what: `alarm ${spec.rule ?? ''} (${spec.severity ?? ''})`,
      is: message,
      since: startsAt,
      doing,
    },
  ];
}

function sentence(reason: string | undefined, message: string | undefined): string {
  const said = message ?? reason ?? '';
  return said === '' ? '' : `: ${said}`;
}

/** Two lines for each; `now` in milliseconds since the epoch. */
export function troubleText({ what, is, since, doing }: Trouble, now: number): string {
  return `  ${what}: ${is}\n    ${since === undefined ? '' : `${sinceText(since, now)}; `}${doing}`;
}

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** `since 2026-11-21T17:00:00Z (3 min)`; `now` in milliseconds since the epoch. */
export function sinceText(since: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1_000));
  const [unit, length] = units.find(([, each]) => seconds >= each) ?? ['s', 1];
  return `since ${since} (${Math.floor(seconds / length)} ${unit})`;
}
