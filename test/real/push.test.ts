import { deviceId } from '@skerry/edgecore/devices/device-id';
import { openReadingsDesk, pushReadings } from '@skerry/edgecore/devices/push/push-readings';
import type { PushTarget } from '@skerry/edgecore/push/push-target';
import { systemClock, systemRandom } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { openMetrics, type Metrics } from '@skerry/shared/metrics';
import type { Store } from '@skerry/shared/store';
import { MemoryStore } from '@skerry/shared/testing/memory-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { receiveJson } from '../support/json-receiver.ts';
import { mosquittoSub, startMosquitto } from '../support/mosquitto.ts';

const thermo = deviceId('default', 'thermo');
interface Pushed {
  readonly namespace: string;
  readonly device: string;
  readonly property: string;
  readonly value: string;
  readonly timestamp: number;
}

let parts: AsyncDisposableStack;
let store: Store;
beforeEach(() => {
  parts = new AsyncDisposableStack();
  store = parts.use(new MemoryStore());
});
afterEach(() => parts.disposeAsync());

interface Life {
  readonly metrics: Metrics;
  readonly push: (value: number, target: PushTarget) => Promise<void>;
  readonly end: () => Promise<void>;
}

/** One life of an agent, as far as it pushes. */
function live(): Life {
  const metrics = openMetrics('skerry_edge');
  const basics = { store, clock: systemClock, random: systemRandom, log: silentLog };
  const desk = openReadingsDesk({ ...basics, clientId: 'skerry-push-test' }, metrics);
  const stop = new AbortController();
  const running = desk.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  parts.defer(end);
  return {
    metrics,
    end,
    push: async (value, target) => {
      const reading = { property: 'temperature', value: String(value), timestamp: value };
      await Promise.all(pushReadings(desk, thermo, [reading], () => [target]));
    },
  };
}

/** A server that answers with `status`; `taken` is what it took with 200. */
async function collector(
  status: () => number,
): Promise<{ readonly target: PushTarget; readonly taken: readonly Pushed[] }> {
  const { url, taken } = parts.use(await receiveJson<Pushed>(status));
  return { target: { method: 'http', url, timeoutMs: 5_000 }, taken };
}

function figure(text: string, labels: string): number {
  const line = text.split('\n').find((one) => one.includes(labels));
  return Number(line?.split(' ').at(-1) ?? 0);
}

describe('readings pushed over HTTP', () => {
  it('wait on disk while nobody takes them, beyond the agent’s life, and arrive in order', async () => {
    let status = 503;
    const { target, taken } = await collector(() => status);
    const first = live();
    for (let value = 1; value <= 250; value++) await first.push(value, target);
    await first.end();
    const second = live();
    await second.push(251, target);
    status = 200;
    await eventually('every reading', () => taken.length >= 251);
    expect(taken.map(({ timestamp }) => timestamp)).toEqual(
      Array.from({ length: 251 }, (_, at) => at + 1),
    );
    expect(taken[0]).toEqual({
      ...{ namespace: 'default', device: 'thermo', property: 'temperature' },
      ...{ value: '1', timestamp: 1 },
    });
    await eventually('the count', async () => {
      const text = await second.metrics.text();
      return figure(text, 'device_pushes_total{method="http",outcome="pushed"}') === 251;
    });
  });

  it('are given up, and counted, when the server calls them wrong', async () => {
    let status = 400;
    const { target, taken } = await collector(() => status);
    const { push, metrics } = live();
    await push(1, target);
    await eventually('the count', async () => {
      const text = await metrics.text();
      return figure(text, 'device_pushes_total{method="http",outcome="refused"}') === 1;
    });
    status = 200;
    await push(2, target);
    await eventually('the next', () => taken.length === 1);
    expect(taken[0]?.value).toBe('2');
  });

  it('are held up by no other target', async () => {
    const { target: alive, taken } = await collector(() => 200);
    const dead: PushTarget = { method: 'http', url: 'http://127.0.0.1:1/', timeoutMs: 100 };
    const { push } = live();
    await push(1, dead);
    await push(2, alive);
    await eventually('the living', () => taken.length === 1);
  });
});

describe('readings pushed over MQTT', () => {
  it('arrive on their topic, one message each', async () => {
    const broker = parts.use(await startMosquitto());
    const target: PushTarget = {
      ...{ method: 'mqtt', url: broker.url, topic: 'plant/readings' },
      ...{ qos: 1, retain: false },
    };
    const listener = parts.use(await mosquittoSub(broker.port, 'plant/readings'));
    const { push } = live();
    await push(7, target);
    const { payload } = await listener.next();
    expect(JSON.parse(payload)).toMatchObject({ device: 'thermo', value: '7', timestamp: 7 });
  });
});
