/** 10,000 updates over 100 devices in a burst: time until every last value is visible, and whether it is. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readingTopic } from './support/devices.ts';
import { print, progress, spread } from './support/figures.ts';
import { cpuSecondsOf } from './support/process-usage.ts';
import { rawBrokerSeconds } from './support/raw-broker.ts';
import { twinBench } from './support/twin-bench.ts';

const repeats = 3;
const devices = 100;
const updates = 10_000;
const patienceMs = 120_000;

await using bench = await twinBench(devices);
const { names, node, publisher, shown } = bench;

interface Burst {
  readonly seconds: number;
  readonly lost: number;
  readonly backwards: number;
  readonly apiWrites: number;
  readonly agentCpuSeconds: number;
}

const bursts: Burst[] = [];
const floors: number[] = [];
for (let repeat = 1; repeat <= repeats; repeat++) {
  progress(`twin-burst: repeat ${repeat} of ${repeats}`);
  bursts.push(await burst(repeat * 1_000_000));
  floors.push(await rawBrokerSeconds(devices, updates));
}

async function burst(from: number): Promise<Burst> {
  const before = shown.writes;
  const cpuBefore = await cpuSecondsOf(node.daemon.pid);
  const began = performance.now();
  const last = new Map<string, number>();
  const sent = Array.from({ length: updates }, (_, i) => {
    const device = names[i % devices] ?? '';
    last.set(device, from + i);
    const payload = JSON.stringify({ value: from + i });
    return publisher.publishAsync(readingTopic(device), payload, { qos: 1 });
  });
  await Promise.all(sent);
  const wrong = (): string[] =>
    names.filter((name) => shown.values.get(name) !== String(last.get(name)));
  while (wrong().length > 0 && performance.now() - began < patienceMs) await sleep(5);
  return {
    seconds: (performance.now() - began) / 1_000,
    lost: wrong().length,
    backwards: shown.backwards,
    apiWrites: shown.writes - before,
    agentCpuSeconds: (await cpuSecondsOf(node.daemon.pid)) - cpuBefore,
  };
}

print({
  bench: 'twin-burst',
  figures: {
    seconds: spread(bursts.map(({ seconds }) => seconds)),
    lost: bursts.reduce((sum, { lost }) => sum + lost, 0),
    final_values_right: bursts.every(({ lost }) => lost === 0) ? 1 : 0,
    updates_older_than_their_predecessor: bursts.at(-1)?.backwards ?? 0,
    api_writes: spread(bursts.map(({ apiWrites }) => apiWrites)),
    agent_cpu_us_per_update: spread(
      bursts.map(({ agentCpuSeconds }) => (agentCpuSeconds * 1e6) / updates),
    ),
  },
  floor: { raw_mqtt_seconds: spread(floors) },
  ratio: spread(bursts.map(({ seconds }) => seconds)).median / spread(floors).median,
});
