import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { look, type Alert } from './alert.ts';
import { holds, type AlertRule, type Sighting } from './alert-rule.ts';
import { dueOf, groupsOf } from './telling.ts';
import { notificationOf } from './notification.ts';
import { silenceOf, type Silence } from './silence.ts';

const forSeconds = 10;
const rule: AlertRule = {
  name: 'hot',
  generation: 1,
  enabled: true,
  source: { type: 'metric', name: 'x', labels: {} },
  comparison: { operator: 'GreaterThan', threshold: 50 },
  forSeconds,
  severity: 'warning',
  labels: { team: 'a' },
  message: '{{ instance }} on {{ node }} is {{ value }}, {{ labels.room }}',
  groupBy: ['room'],
  receivers: [],
};

const seen = (value: number | undefined): Sighting => ({
  instance: 'i',
  labels: { room: 'r' },
  value,
});

/** A span since the look before, milliseconds, and what was seen then: too hot, not so, not known, or gone. */
const glance = fc.record({
  afterMs: fc.integer({ min: 0, max: 8_000 }),
  value: fc.constantFrom<number | undefined | 'gone'>(60, 60, 60, 40, undefined, 'gone'),
  silenced: fc.boolean(),
});
const glances = fc.array(glance, { maxLength: 60 });

interface Step {
  readonly now: number;
  readonly value: number | undefined | 'gone';
  readonly silenced: boolean;
  readonly alert: Alert | undefined;
  readonly due: 'firing' | 'resolved' | undefined;
}

const silence = (until: number): Silence => ({
  ...{ name: 's', matchLabels: { alertname: 'hot' }, endsAt: until, comment: '' },
});

/** What comes of looking so, with everything told that is due. */
function follow(
  script: readonly (typeof glance extends fc.Arbitrary<infer G> ? G : never)[],
): Step[] {
  let now = 1_000_000;
  let alert: Alert | undefined;
  return script.map(({ afterMs, value, silenced }) => {
    now += afterMs;
    const sighting = value === 'gone' ? undefined : seen(value);
    alert = look(alert, rule, { node: 'edge-1', sighting, now });
    const due = alert && dueOf(alert, silenced ? [silence(now + 1)] : [], now);
    if (alert && due) alert = { ...alert, told: due };
    return { now, value, silenced, alert, due };
  });
}

describe('an alert', () => {
  it('fires exactly when the comparison has held without a break for as long as the rule says', () => {
    fc.assert(
      fc.property(glances, (script) => {
        let since: number | undefined;
        let isFiring = false;
        for (const { now, value, alert } of follow(script)) {
          if (value === 60) {
            since ??= now;
            isFiring ||= now - since >= forSeconds * 1_000;
          } else if (value !== undefined) {
            since = undefined;
            isFiring = false;
          }
          expect(alert?.phase === 'firing').toBe(isFiring);
        }
      }),
    );
  });

  it('is told in turns: that it fires once, then that it has resolved once', () => {
    fc.assert(
      fc.property(glances, (script) => {
        const told = follow(script).flatMap(({ due }) => due ?? []);
        told.forEach((one, at) => expect(one).toBe(at % 2 === 0 ? 'firing' : 'resolved'));
      }),
    );
  });

  it('is told to fire by nobody while it is silenced, and by the first look after', () => {
    fc.assert(
      fc.property(glances, (script) => {
        for (const { alert, silenced, due } of follow(script)) {
          if (silenced) expect(due).not.toBe('firing');
          else if (alert?.phase === 'firing') expect(alert.told).toBe('firing');
        }
      }),
    );
  });

  it('ends after it began, and keeps its times until it fires again', () => {
    fc.assert(
      fc.property(glances, (script) => {
        let before: Alert | undefined;
        for (const { alert } of follow(script)) {
          if (alert?.phase === 'resolved')
            expect(alert.endsAt).toBeGreaterThanOrEqual(alert.startsAt ?? Infinity);
          if (before?.phase === 'firing' && alert?.phase === 'firing')
            expect(alert.startsAt).toBe(before.startsAt);
          before = alert;
        }
      }),
    );
  });

  it('says what it is about in the words of its rule', () => {
    const quick = { ...rule, forSeconds: 0 };
    const alert = look(undefined, quick, { node: 'edge-1', sighting: seen(60.123456), now: 5 });
    expect(alert).toMatchObject({
      phase: 'firing',
      startsAt: 5,
      message: 'i on edge-1 is 60.12, r',
      labels: { alertname: 'hot', node: 'edge-1', severity: 'warning', room: 'r', team: 'a' },
    });
  });

  it('begins to wait anew when the clock was set back', () => {
    const first = look(undefined, rule, { node: 'n', sighting: seen(60), now: 100_000 });
    const second = look(first, rule, { node: 'n', sighting: seen(60), now: 5_000 });
    expect(second).toMatchObject({ phase: 'pending', heldSince: 5_000 });
  });
});

describe('groups', () => {
  it('hold every alert once, and agree in rule and labels', () => {
    const names = fc.constantFrom('hot', 'cold');
    const rooms = fc.constantFrom('a', 'b');
    const one = fc.record({ rule: names, room: rooms, instance: fc.string() });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 20 }), (all) => {
        const quick = { ...rule, forSeconds: 0 };
        const alerts = all.flatMap(({ rule: name, room, instance }) => {
          const sighting = { instance, labels: { room }, value: 60 };
          return look(undefined, { ...quick, name }, { node: 'n', sighting, now: 1 }) ?? [];
        });
        const groups = groupsOf(alerts, new Map([['hot', rule]]));
        expect(groups.flatMap((group) => group.alerts)).toHaveLength(alerts.length);
        expect(new Set(groups.map(({ key }) => key)).size).toBe(groups.length);
        for (const { alerts: members, labels } of groups)
          for (const { labels: own } of members)
            for (const [name, value] of Object.entries(labels)) expect(own[name]).toBe(value);
      }),
    );
  });

  it('are told as Alertmanager tells them', () => {
    const quick = { ...rule, forSeconds: 0 };
    const alert = look(undefined, quick, { node: 'n', sighting: seen(60), now: 1_763_674_000_000 });
    const [group] = groupsOf(alert ? [alert] : [], new Map([['hot', rule]]));
    expect(group && notificationOf(group)).toMatchObject({
      version: '4',
      status: 'firing',
      groupLabels: { alertname: 'hot', room: 'r' },
      alerts: [
        { status: 'firing', startsAt: '2025-11-20T21:26:40.000Z', endsAt: '0001-01-01T00:00:00Z' },
      ],
    });
  });
});

describe('a comparison', () => {
  it('holds numbers against the threshold, texts against the values, and proves nothing of the unknown', () => {
    expect(holds({ operator: 'LessOrEqual', threshold: 5 }, 5)).toBe(true);
    expect(holds({ operator: 'LessThan', threshold: 5 }, 5)).toBe(false);
    expect(holds({ operator: 'In', values: ['a', 'b'] }, 'b')).toBe(true);
    expect(holds({ operator: 'NotIn', values: ['a', 'b'] }, 'b')).toBe(false);
    expect(holds({ operator: 'GreaterThan', threshold: 5 }, 'text')).toBeUndefined();
    expect(holds({ operator: 'In', values: [''] }, undefined)).toBeUndefined();
  });
});

describe('a silence', () => {
  const alert = { labels: { alertname: 'hot', node: 'edge-1' } };
  it('covers what bears all of its labels, while it lasts, and without labels nothing', () => {
    expect(silenceOf(alert, [silence(10)], 9)?.name).toBe('s');
    expect(silenceOf(alert, [silence(10)], 10)).toBeUndefined();
    expect(silenceOf(alert, [{ ...silence(10), startsAt: 9 }], 8)).toBeUndefined();
    const other = { alertname: 'hot', node: 'edge-2' };
    expect(silenceOf(alert, [{ ...silence(10), matchLabels: other }], 9)).toBeUndefined();
    expect(silenceOf(alert, [{ ...silence(10), matchLabels: {} }], 9)).toBeUndefined();
  });
});
