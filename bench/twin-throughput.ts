/**
 * Updates as fast as one node takes them, over 100 and over 1,000 devices: updates durable in twins per
 * second, writes to the API meanwhile, whether every last value is right, and memory per 1,000 devices.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readingTopic } from './support/devices.ts';
import { print, progress, spread, type Figures } from './support/figures.ts';
import { rawBrokerSeconds } from './support/raw-broker.ts';
import { twinBench, type TwinBench } from './support/twin-bench.ts';

const repeats = 3;
const floodMs = 5_000;
const atOnce = 500;
const patienceMs = 60_000;
const floorMessages = 20_000;

interface Flood {
  readonly updatesPerS: number;
  readonly writesPerS: number;
  readonly wrong: number;
}

const hundred = await measure(100);
const thousand = await measure(1_000);

/** Acknowledged is durable: QoS 1 is acknowledged when the reading is on the disk. */
async function flood({ names, publisher, shown }: TwinBench, from: number): Promise<Flood> {
  const before = shown.writes;
  const began = performance.now();
  const last = new Map<string, number>();
  let next = 0;
  const publishing = async (): Promise<void> => {
    while (performance.now() - began < floodMs) {
      const at = next++;
      const device = names[at % names.length] ?? '';
      last.set(device, from + at);
      const payload = JSON.stringify({ value: from + at });
      await publisher.publishAsync(readingTopic(device), payload, { qos: 1 });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, publishing));
  const seconds = (performance.now() - began) / 1_000;
  const writes = shown.writes - before;
  const wrong = (): number =>
    [...last].filter(([name, value]) => shown.values.get(name) !== String(value)).length;
  while (wrong() > 0 && performance.now() - began < patienceMs) await sleep(10);
  return { updatesPerS: next / seconds, writesPerS: writes / seconds, wrong: wrong() };
}

interface Measured {
  readonly floods: readonly Flood[];
  readonly floors: readonly number[];
  readonly rssMib: number;
}

async function measure(devices: number): Promise<Measured> {
  await using bench = await twinBench(devices);
  const rssMib = await residentMib(bench.node.daemon.pid);
  const floods: Flood[] = [];
  const floors: number[] = [];
  for (let repeat = 1; repeat <= repeats; repeat++) {
    progress(`twin-throughput: ${devices} devices, repeat ${repeat} of ${repeats}`);
    floods.push(await flood(bench, repeat * 10_000_000));
    floors.push(floorMessages / (await rawBrokerSeconds(devices, floorMessages)));
  }
  return { floods, floors, rssMib };
}

/** Source: proc(5), /proc/pid/status. */
async function residentMib(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}

function figures({ floods }: Measured, suffix: string): Figures {
  return {
    [`updates_per_s${suffix}`]: spread(floods.map(({ updatesPerS }) => updatesPerS)),
    [`api_writes_per_s${suffix}`]: spread(floods.map(({ writesPerS }) => writesPerS)),
    [`lost${suffix}`]: floods.reduce((sum, { wrong }) => sum + wrong, 0),
    [`final_values_right${suffix}`]: floods.every(({ wrong }) => wrong === 0) ? 1 : 0,
  };
}

print({
  bench: 'twin-throughput',
  figures: {
    ...figures(hundred, ''),
    ...figures(thousand, '_1000_devices'),
    rss_mib_per_1000_devices: ((thousand.rssMib - hundred.rssMib) * 1_000) / 900,
  },
  floor: { raw_mqtt_messages_per_s: spread(hundred.floors) },
  ratio:
    spread(hundred.floods.map(({ updatesPerS }) => updatesPerS)).median /
    spread(hundred.floors).median,
});
