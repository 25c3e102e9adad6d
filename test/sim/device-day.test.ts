import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceId, type DeviceId } from '@skerry/edgecore/devices/device-id';
import { describeDevice, described, type Description } from '@skerry/edgecore/devices/description';
import { readDevice, readModel } from '@skerry/edgecore/devices/device-object';
import { describe as describeTwin } from '@skerry/edgecore/devices/device-twin';
import { History, defaultHistoryPolicy } from '@skerry/edgecore/devices/history';
import { readingSink } from '@skerry/edgecore/devices/reading-sink';
import { Selection } from '@skerry/edgecore/devices/recorder';
import { Roster } from '@skerry/edgecore/devices/roster';
import { StatusReporter } from '@skerry/edgecore/devices/status-reporter';
import { TwinStore } from '@skerry/edgecore/devices/twin-store';
import { ReportOutbox } from '@skerry/edgecore/link/report-outbox';
import { defaultReportPolicies } from '@skerry/edgecore/link/report-policy';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { openStore, type Store } from '@skerry/shared/store';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { expect, it } from 'vitest';

const devices = Array.from({ length: 100 }, (_, i) => deviceId('default', `meter-${i}`));
const properties = Array.from({ length: 10 }, (_, i) => `p${i}`);
const everyMs = 15 * 60_000;
const rounds = 96; // a day

const bytes = (object: object): Uint8Array => Buffer.from(JSON.stringify(object));
const model = readModel(
  bytes({ spec: { properties: properties.map((name) => ({ name, type: 'INT' })) } }),
);

function describeMeter(id: DeviceId): { description: Description; device: object } {
  const device = {
    metadata: { uid: `u-${id}`, generation: 1 },
    spec: {
      deviceModelRef: { name: 'meter' },
      stateReport: { reportCycle: everyMs },
      properties: properties.map((name) => ({ name })),
    },
  };
  return { description: describeDevice(id, readDevice(bytes(device)), model), device };
}

/** One life of an agent's devices, on a store that outlives it. */
async function live(store: Store, clock: ManualClock) {
  const twins = await TwinStore.open({ store, committed: () => undefined });
  const history = new History({ store, policy: defaultHistoryPolicy, clock });
  const policies = defaultReportPolicies;
  const dropped: string[] = [];
  const onDropped = (_kind: string, reason: string): void => void dropped.push(reason);
  const outbox = await ReportOutbox.open({ store, policies, clock, onDropped });
  const sinkOf = () => () => Promise.resolve();
  const roster = new Roster({ protocols: [], sinkOf, clock, random: () => 0.5, log: silentLog });
  const reports = noMetrics.counter('reports_total', '');
  const unmet = (): [] => [];
  const reporter = new StatusReporter({ twins, roster, reporter: outbox, unmet, clock, reports });
  const selection = new Selection();
  const hear = readingSink(
    twins,
    (device, ...said) => history.append(device, selection.select(device, ...said)),
    { metrics: noMetrics, clock },
  );
  for (const id of devices) {
    const { description, device } = describeMeter(id);
    const wanted = described(description, readDevice(bytes(device)));
    await twins.update(id, (held) => describeTwin(held, wanted, clock.now()));
    await roster.serve(description, { state: undefined, conditions: [] });
  }
  return { twins, history, outbox, reporter, hear, dropped };
}

interface Status {
  readonly state: string;
  readonly twins: readonly {
    readonly propertyName: string;
    readonly reported: {
      readonly value: string;
      readonly metadata: { readonly timestamp: string };
    };
  }[];
}

it('a day without a network loses no reading, keeps order and times, and ends with the newest', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'skerry-day-'));
  await using parts = new AsyncDisposableStack();
  parts.defer(() => rm(directory, { recursive: true, force: true }));
  const store = parts.use(await openStore(directory, { whenCorrupt: 'fail', now: () => 0 }));
  const clock = new ManualClock();
  let agent = await live(store, clock);
  const sent = new Map<number, number>(); // round → source time
  const say = (round: number): Promise<unknown> => {
    const time = sent.get(round) ?? 0;
    return Promise.all(
      devices.map(async (id, d) => {
        const readings = properties.map((property, p) => ({
          ...{ property, value: String(round * 10_000 + d * 10 + p), sourceTime: time },
        }));
        await agent.hear(id)({ readings, receivedAt: clock.now(), live: true });
        await agent.reporter.reconcile(id);
      }),
    );
  };
  for (let round = 0; round < rounds; round++) {
    await clock.advance(everyMs);
    sent.set(round, clock.now());
    if (round === rounds / 2) agent = await live(store, clock); // restarted in between
    const isLate = round % 7 === 3;
    if (round % 7 === 4) await say(round); // the late one comes behind this one
    if (!isLate) await say(round % 7 === 4 ? round - 1 : round);
  }
  expect(agent.dropped).toEqual([]);
  const taken = await agent.outbox.take(1_000);
  expect(taken.map(({ key }) => key).toSorted()).toEqual(
    devices.map((id) => `devices.devices.kubeedge.io/${id}`).toSorted(),
  );
  for (const { key, payload } of taken) {
    const { status } = JSON.parse(Buffer.from(payload).toString()) as { status: Status };
    const d = devices.findIndex((id) => key.endsWith(`/${id}`));
    expect(
      status.twins.map(({ propertyName, reported }) => [propertyName, reported.value]),
    ).toEqual(properties.map((name, p) => [name, String((rounds - 1) * 10_000 + d * 10 + p)]));
    const times = new Set(status.twins.map(({ reported }) => reported.metadata.timestamp));
    expect([...times]).toEqual([String(sent.get(rounds - 1))]);
  }
  const all = { since: 0, until: clock.now(), limit: 10_000 };
  for (const [d, id] of devices.entries())
    for (const [p, property] of properties.entries()) {
      if ((d + p) % 10 !== 0) continue; // each tenth of the thousand series
      expect(await agent.history.read(id, { property, ...all })).toEqual(
        [...sent].map(([round, timestamp]) => ({
          value: String(round * 10_000 + d * 10 + p),
          timestamp,
        })),
      );
    }
}, 300_000);
