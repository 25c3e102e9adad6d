import type { Alert } from '@skerry/shared/alarms/alert';
import type { AlertRule } from '@skerry/shared/alarms/alert-rule';
import type { Notification } from '@skerry/shared/alarms/notification';
import { NotPushed, PushRefused } from '@skerry/shared/http-post';
import { silentLog } from '@skerry/shared/log';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { beforeEach, describe, expect, it } from 'vitest';
import { Notifier, owed, type Noted, type NotedAlert } from './notifier.ts';

const rule: AlertRule = {
  ...{ name: 'node-silent', generation: 1, enabled: true, source: { type: 'nodeSilence' } },
  comparison: { operator: 'GreaterThan', threshold: 60 },
  ...{ forSeconds: 0, severity: 'critical', labels: {}, message: '', groupBy: [] },
  receivers: [
    { type: 'webhook', url: 'http://a/', timeoutSeconds: 10 },
    { type: 'webhook', url: 'http://b/', timeoutSeconds: 10 },
    { type: 'mqtt', topic: 't', qos: 1, retain: false },
  ],
};
const rules = new Map([[rule.name, rule]]);
const { signal } = new AbortController();

let clock: ManualClock;
let taken: [url: string, status: string, nodes: string[]][];
/** What a receiver does instead of taking it, by URL. */
let failures: Map<string, Error>;
/** What the Alert objects say, by fingerprint. */
let kept: Map<string, Noted>;

beforeEach(() => {
  clock = new ManualClock();
  taken = [];
  failures = new Map();
  kept = new Map();
});

function open(): Notifier {
  return new Notifier({
    ...{ clock, random: () => 0.5, log: silentLog, counted: () => undefined },
    post: ({ url, body }) => {
      const failure = failures.get(url);
      if (failure) return Promise.reject(failure);
      const { status, alerts } = JSON.parse(body) as Notification;
      taken.push([url, status, alerts.map(({ labels }) => labels['node'] ?? '')]);
      return Promise.resolve();
    },
    keep: (key, _alert, noted) => Promise.resolve(void kept.set(key, noted)),
  });
}

function found(node: string, phase: Alert['phase'], state: Noted['state']): NotedAlert {
  const alert: Alert = {
    ...{ rule: rule.name, instance: '', phase, startsAt: 5_000, severity: 'critical' },
    ...{ labels: { node }, value: '', message: '', told: 'firing', generation: 1 },
  };
  const noted = { state, startsAt: 5_000 };
  kept.set(node, noted);
  return { key: node, alert, noted };
}

describe('what a hub tells receivers', () => {
  it('is told to each of them once, of all nodes together', async () => {
    const notifier = open();
    const nodes = [found('n1', 'firing', 'nothing'), found('n2', 'firing', 'nothing')];
    notifier.turn(nodes, rules, signal);
    notifier.turn(nodes, rules, signal); // it is under way
    await notifier.settled();
    expect(taken).toEqual([
      ['http://a/', 'firing', ['n1', 'n2']],
      ['http://b/', 'firing', ['n1', 'n2']],
    ]);
    expect(kept.get('n1')).toEqual({ state: 'firing', startsAt: 5_000 });
  });

  it('waits for a receiver that is away, and is no one else’s delay', async () => {
    failures.set('http://a/', new NotPushed('away'));
    const notifier = open();
    notifier.turn([found('n1', 'firing', 'nothing')], rules, signal);
    await clock.advance(60_000);
    expect(taken).toEqual([['http://b/', 'firing', ['n1']]]);
    expect(kept.get('n1')?.state).toBe('nothing');
    failures.clear();
    await clock.advance(30_000);
    await notifier.settled();
    expect(taken.at(-1)).toEqual(['http://a/', 'firing', ['n1']]);
    expect(kept.get('n1')?.state).toBe('firing');
  });

  it('is given up where a receiver refuses it', async () => {
    failures.set('http://a/', new PushRefused('wrong'));
    const notifier = open();
    notifier.turn([found('n1', 'firing', 'nothing')], rules, signal);
    await notifier.settled();
    expect(kept.get('n1')?.state).toBe('firing');
  });

  it('is both its beginning and its end, also where it was over before anybody listened', () => {
    expect(owed(found('n1', 'resolved', 'nothing'))).toBe('firing');
    expect(owed(found('n1', 'resolved', 'firing'))).toBe('resolved');
    expect(owed(found('n1', 'resolved', 'resolved'))).toBeUndefined();
    expect(owed(found('n1', 'firing', 'firing'))).toBeUndefined();
    const again = found('n1', 'firing', 'resolved');
    expect(owed({ ...again, noted: { state: 'nothing', startsAt: 1_000 } })).toBeUndefined();
    expect(owed({ ...again, noted: undefined })).toBeUndefined();
  });

  it('is for the webhook of the hub where a rule names nobody', async () => {
    const notifier = open();
    expect(notifier.hasReceivers({ ...rule, receivers: [] })).toBe(false);
    expect(notifier.hasReceivers(rule)).toBe(true);
    const own = new Notifier({
      ...{ clock, random: () => 0.5, log: silentLog, counted: () => undefined },
      webhook: 'http://hub/',
      post: ({ url }) => Promise.resolve(void taken.push([url, '', []])),
      keep: () => Promise.resolve(),
    });
    own.turn([found('n1', 'firing', 'nothing')], new Map(), signal);
    await own.settled();
    expect(taken.map(([url]) => url)).toEqual(['http://hub/']);
  });
});
