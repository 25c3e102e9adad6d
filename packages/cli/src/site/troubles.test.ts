import { describe, expect, it } from 'vitest';
import { sinceText, troubleText, troublesOf, type Faring, type Site } from './troubles.ts';

const at = '2026-11-21T17:00:00Z';
const metadata = { name: 'x', namespace: 'default' };
const nothing: Site = { nodes: [], pods: [], devices: [], alerts: [] };

/** What is said of one pod with this container. */
function ofContainer(container: object): string[] {
  const conditions = [{ type: 'Ready', status: 'False', lastTransitionTime: at }];
  const containerStatuses = [{ name: 'main', ...container }];
  const pod = { metadata, status: { phase: 'Running', conditions, containerStatuses } };
  return told({ pods: [pod] });
}

function told(site: Partial<Site>): string[] {
  const now = Date.parse(at) + 125_000;
  return troublesOf({ ...nothing, ...site }).map((one) => troubleText(one, now));
}

describe('what is wrong at a node', () => {
  it('is nothing while everything does what it should', () => {
    const done: Faring = { metadata, status: { phase: 'Succeeded' } };
    const conditions = [
      { type: 'Ready', status: 'True' },
      { type: 'DiskPressure', status: 'False' },
    ];
    const nodes = [{ metadata, status: { conditions } }];
    const devices = [{ metadata, status: { state: 'online' } }, { metadata }];
    const alerts = [{ metadata, status: { state: 'resolved' } }];
    expect(told({ nodes, pods: [done], devices, alerts })).toEqual([]);
    expect(ofContainer({ ready: true, state: { running: {} } })).toEqual([]);
    expect(ofContainer({ state: { waiting: { reason: 'ContainerCreating' } } })).toEqual([]);
  });

  it('is said of a container that crashes, with what comes next', () => {
    const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting failed …' };
    const lastState = { terminated: { exitCode: 3, finishedAt: at } };
    expect(ofContainer({ restartCount: 4, state: { waiting }, lastState })).toEqual([
      '  pod default/x: container main has crashed with exit code 3, restarted 4 times so far\n' +
        `    since ${at} (2 min); it is started again 40s after its end: skerry logs tells what it said`,
    ]);
  });

  it.each([
    ['ImagePullBackOff', 'no such image', /cannot run: no such image\n.*asked for again/],
    ['ContainerRuntimeUnavailable', 'no engine', /no engine\n.*when the engine is there/],
    ['SomethingNew', undefined, /cannot run: SomethingNew\n.*tried again/],
  ])('is said of a container that waits with %s', (reason, message, said) => {
    expect(ofContainer({ state: { waiting: { reason, message } } })[0]).toMatch(said);
  });

  it('is said of a pod that is over or not ready, of devices, of the node and of alarms', () => {
    expect(told({ pods: [{ metadata, status: { phase: 'Failed', reason: 'Evicted' } }] })).toEqual([
      '  pod default/x: it has failed: Evicted\n    nothing: it is over, and another takes its place or none',
    ]);
    expect(ofContainer({ ready: false, state: { running: {} } })[0]).toContain('is not ready');
    const online = { type: 'Online', status: 'False', message: 'nothing heard for over 30 s' };
    const conditions = [{ ...online, lastTransitionTime: at }];
    expect(told({ devices: [{ metadata, status: { state: 'stale', conditions } }] })[0]).toMatch(
      /device default\/x: it is silent: nothing heard for over 30 s\n.*its last values and what it is to do are kept/,
    );
    const ready = { type: 'Ready', status: 'False', message: 'container runtime is down: gone' };
    expect(told({ nodes: [{ metadata, status: { conditions: [ready] } }] })).toEqual([
      '  node x: container runtime is down: gone\n    how pods are is not known now, only how they were; the engine is looked for every few seconds',
    ]);
    const alert = { state: 'firing', message: 'hot', startsAt: at, silencedBy: 'repair' };
    const spec = { rule: 'too-hot', severity: 'warning' };
    expect(told({ alerts: [{ metadata, spec, status: alert }] })[0]).toMatch(
      /alarm too-hot \(warning\): hot\n.*nobody is told: silenced by repair/,
    );
  });

  it('is told since when, in the largest unit', () => {
    const after = (seconds: number): string => sinceText(at, Date.parse(at) + seconds * 1_000);
    expect(after(-5)).toBe(`since ${at} (0 s)`);
    expect(after(59)).toBe(`since ${at} (59 s)`);
    expect(after(3_700)).toBe(`since ${at} (1 h)`);
    expect(after(200_000)).toBe(`since ${at} (2 d)`);
  });
});
