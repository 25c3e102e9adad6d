import { beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '@skerry/shared/alarms/alert';
import type { AlertRule, Sighting } from '@skerry/shared/alarms/alert-rule';
import type { Notification } from '@skerry/shared/alarms/notification';
import type { Silence } from '@skerry/shared/alarms/silence';
import type { Report } from '@skerry/shared/delivery/report';
import { silentLog } from '@skerry/shared/log';
import { nodeName } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { MemoryStore } from '@skerry/shared/testing/memory-store';
import type { PushTarget } from '../push/push-target.ts';
import { AlarmWatch } from './alarm-watch.ts';
import { AlertBook } from './alert-book.ts';
import { AlertTeller } from './alert-teller.ts';

const node = nodeName('edge-1');
const rule: AlertRule = {
  name: 'hot',
  generation: 1,
  enabled: true,
  source: { type: 'metric', name: 'x', labels: {} },
  comparison: { operator: 'GreaterThan', threshold: 50 },
  forSeconds: 0,
  severity: 'critical',
  labels: {},
  message: '{{ instance }} is {{ value }}',
  groupBy: [],
  receivers: [{ type: 'webhook', url: 'http://a/', timeoutSeconds: 10 }],
};
const day = 86_400_000;

let clock: ManualClock;
let store: MemoryStore;
let told: { target: PushTarget; text: Notification }[];
let reported: Report[];
let rules: Map<string, AlertRule>;
let silences: Silence[];
let seen: Sighting[] | Error;
/** The disk takes nothing for receivers. */
let refuses: boolean;

beforeEach(() => {
  clock = new ManualClock();
  store = new MemoryStore();
  [told, reported, silences] = [[], [], []];
  rules = new Map([[rule.name, rule]]);
  refuses = false;
});

/** One life of an agent, as far as it raises alarms. */
async function live(): Promise<{ turn: () => Promise<void>; book: AlertBook }> {
  const book = await AlertBook.open(store, node);
  const common = { node, clock, log: silentLog };
  const teller = new AlertTeller({
    ...common,
    reporter: { report: (report) => Promise.resolve(void reported.push(report)) },
    desk: {
      offer: (target, _key, text) =>
        refuses
          ? Promise.reject(new Error('disk full'))
          : Promise.resolve(void told.push({ target, text: JSON.parse(text) as Notification })),
    },
    receivers: [{ type: 'mqtt', topic: 'alarms/{node}', qos: 1, retain: false }],
    brokerUrl: 'mqtt://broker',
  });
  const watch = new AlarmWatch({
    ...common,
    ...{ book, teller, shipped: [] },
    rules: { rules: () => Promise.resolve(rules), silences: () => Promise.resolve(silences) },
    sightings: () => (seen instanceof Error ? Promise.reject(seen) : Promise.resolve(seen)),
  });
  return { book, turn: () => watch.turn() };
}

const at = (value: number, instance = 'i'): Sighting => ({ instance, labels: {}, value });
const phases = (): string[] => told.map(({ text }) => text.status);
const statuses = (): (Partial<Alert> & { state: string })[] =>
  reported
    .filter(({ key }) => key.startsWith('alerts.'))
    .map(({ payload }) => (parseJson(payload) as { status: Alert & { state: string } }).status);

describe('alarms of a node', () => {
  it('are told and reported once, and once more when they resolve', async () => {
    const { turn } = await live();
    for (const value of [40, 60, 70, 80, 40, 40]) {
      seen = [at(value)];
      await turn();
    }
    expect(phases()).toEqual(['firing', 'resolved']);
    expect(statuses().map(({ state }) => state)).toEqual(['firing', 'resolved']);
    const events = reported.filter(({ class: kind }) => kind === 'event');
    expect(events.map(({ payload }) => (parseJson(payload) as { reason: string }).reason)).toEqual([
      'AlertFiring',
      'AlertResolved',
    ]);
  });

  it('go on where they were after a restart', async () => {
    seen = [at(60)];
    await (await live()).turn();
    const [first] = statuses();
    await clock.advance(5_000);
    const again = await live();
    await again.turn();
    expect(phases()).toEqual(['firing']);
    expect(statuses().at(-1)?.startsAt).toBe(first?.startsAt);
    seen = [];
    await again.turn();
    expect(phases()).toEqual(['firing', 'resolved']);
  });

  it('stay as they are while their source cannot be asked', async () => {
    const { turn, book } = await live();
    seen = [at(60)];
    await turn();
    seen = new Error('no engine');
    await turn();
    expect(book.all()).toMatchObject([{ phase: 'firing' }]);
  });

  it('end with their rule', async () => {
    const { turn } = await live();
    seen = [at(60)];
    await turn();
    rules = new Map();
    await turn();
    expect(phases()).toEqual(['firing', 'resolved']);
  });

  it('are told again when the disk did not take what was to be told', async () => {
    const { turn } = await live();
    seen = [at(60)];
    refuses = true;
    await expect(turn()).rejects.toThrow('disk full');
    expect(statuses().map(({ state }) => state)).toEqual(['firing']); // people here see it
    refuses = false;
    await turn();
    await turn();
    expect(phases()).toEqual(['firing']);
  });

  it('of one rule are told together, to whom the rule names, and otherwise to all', async () => {
    const { turn } = await live();
    seen = [at(60, 'a'), at(70, 'b')];
    await turn();
    expect(told).toMatchObject([{ target: { method: 'http', url: 'http://a/' } }]);
    expect(told[0]?.text.alerts.map(({ annotations }) => annotations.message)).toEqual([
      'a is 60',
      'b is 70',
    ]);
    rules = new Map([['cold', { ...rule, name: 'cold', receivers: [] }]]);
    await turn();
    const target = { method: 'mqtt', url: 'mqtt://broker', topic: 'alarms/edge-1' };
    expect(told.at(-1)).toMatchObject({ target });
  });

  it('are shown and not told while they are silenced', async () => {
    const { turn } = await live();
    const endsAt = clock.now() + 60_000;
    silences = [{ name: 'quiet', matchLabels: { alertname: 'hot' }, endsAt, comment: '' }];
    seen = [at(60)];
    await turn();
    expect(phases()).toEqual([]);
    expect(statuses()).toMatchObject([{ state: 'firing', silencedBy: 'quiet' }]);
    await clock.advance(60_000);
    await turn();
    expect(phases()).toEqual(['firing']);
    expect(statuses().at(-1)).toMatchObject({ silencedBy: null });
  });

  it('are forgotten here and in the cluster when they resolved long ago', async () => {
    const { turn, book } = await live();
    seen = [at(60)];
    await turn();
    seen = [];
    await turn();
    await clock.advance(8 * day);
    await turn();
    expect(book.all()).toEqual([]);
    expect(parseJson(reported.at(-1)?.payload ?? new Uint8Array())).toMatchObject({ gone: true });
    expect((await AlertBook.open(store, node)).all()).toEqual([]);
  });
});
