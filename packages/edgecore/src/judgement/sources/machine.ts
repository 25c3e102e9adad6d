import { readFileSync } from 'node:fs';
import { readFile, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import { CannotSample, type OpenSource, type SourceParts } from './source.ts';

const kernelOf = ({ kernel }: SourceParts): { readonly proc: string; readonly sys: string } =>
  kernel ?? { proc: '/proc', sys: '/sys' };

/** The kernel answers out of memory: to wait for a thread would cost more than to read. */
const readNow = (path: string): string => readFileSync(path, 'latin1');

/** The kernel counts hundredths of seconds: a share of fewer says nothing, milliseconds. */
const shortestSpanMs = 400;

/** Percent of the time that the processors were busy since the sample before. */
export const cpu: OpenSource = (_settings, parts) => {
  const path = join(kernelOf(parts).proc, 'stat');
  let before = cpuTimes(readNow(path));
  let at = parts.clock.monotonic();
  const measure = (): number => {
    const now = cpuTimes(readNow(path));
    const total = now.total - before.total;
    if (total <= 0)
      throw new CannotSample('the kernel has counted no time since the sample before');
    const busy = total - (now.idle - before.idle);
    before = now;
    at = parts.clock.monotonic();
    return (100 * busy) / total;
  };
  return {
    sample: (signal) => {
      const leftMs = shortestSpanMs - (parts.clock.monotonic() - at);
      return leftMs <= 0 ? measure() : parts.clock.sleep(leftMs, signal).then(measure);
    },
  };
};

/** The first line of proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal; guests are in user. */
export function cpuTimes(stat: string): { readonly total: number; readonly idle: number } {
  const end = stat.indexOf('\n');
  const times = stat.slice(0, end).trim().split(/ +/).slice(1, 9).map(Number);
  const total = times.reduce((sum, one) => sum + one, 0);
  return { total, idle: (times[3] ?? 0) + (times[4] ?? 0) };
}

/** Memory that can be had without swapping. */
export const memory: OpenSource = (settings, parts) => {
  const measures = ['availablePercent', 'availableBytes', 'usedPercent'] as const;
  const measure = settings.choice('measure', measures, 'availablePercent');
  const path = join(kernelOf(parts).proc, 'meminfo');
  return {
    sample: () => {
      const text = readNow(path);
      const [total, available] = [kibibytes(text, 'MemTotal'), kibibytes(text, 'MemAvailable')];
      if (measure === 'availableBytes') return available * 1_024;
      const percent = (100 * available) / total;
      return measure === 'usedPercent' ? 100 - percent : percent;
    },
  };
};

function kibibytes(meminfo: string, name: string): number {
  const at = meminfo.indexOf(`${name}:`);
  return at < 0 ? Number.NaN : Number.parseInt(meminfo.slice(at + name.length + 1), 10);
}

/** A file system; network file systems may hang, and then only this unit does. */
export const disk: OpenSource = (settings, { dataDir }) => {
  const path = settings.text('path', dataDir);
  const measures = [
    'availablePercent',
    'availableBytes',
    'inodesAvailablePercent',
    'inodesAvailable',
  ] as const;
  const measure = settings.choice('measure', measures, 'availablePercent');
  return {
    sample: async () => {
      const { blocks, bavail, bsize, files, ffree } = await statfs(path);
      switch (measure) {
        case 'availablePercent':
          return (100 * bavail) / blocks;
        case 'availableBytes':
          return bavail * bsize;
        case 'inodesAvailable':
          return ffree;
        case 'inodesAvailablePercent':
          return files === 0 ? 100 : (100 * ffree) / files; // some file systems do not count them
      }
    },
  };
};

/** The load average of proc_loadavg(5). */
export const load: OpenSource = (settings, parts) => {
  const minutes = settings.number('minutes', { whole: true }, 5);
  const field = [1, 5, 15].indexOf(minutes);
  if (field < 0) throw new CannotSample(`${settings.path}.minutes is not 1, 5 or 15`);
  const cores = settings.flag('perCore') ? availableParallelism() : 1;
  const path = join(kernelOf(parts).proc, 'loadavg');
  return { sample: () => Number(readNow(path).split(' ', 3)[field]) / cores };
};

/** Degrees Celsius of the hottest sensor, or of the one of that name. */
export const temperature: OpenSource = (settings, parts) => {
  const wanted = settings.optionalText('sensor');
  const classes = join(kernelOf(parts).sys, 'class');
  return {
    sample: async () => {
      const sensors = [
        ...(await sensorsIn(join(classes, 'thermal'), /^thermal_zone\d+$/, 'type')),
        ...(await sensorsIn(join(classes, 'hwmon'), /^hwmon\d+$/, 'name')),
      ];
      const chosen = sensors.filter(({ name }) => wanted === undefined || name === wanted);
      if (chosen.length > 0) return Math.max(...chosen.map(({ degrees }) => degrees));
      const known = [...new Set(sensors.map(({ name }) => name))].join(', ') || 'none';
      const what = wanted === undefined ? 'a sensor of temperature' : `a sensor named ${wanted}`;
      throw new CannotSample(`this machine does not have ${what}; it has: ${known}`);
    },
  };
};

interface Sensor {
  readonly name: string;
  readonly degrees: number;
}

/** `temp` of thermal zones, `temp<n>_input` of hwmon: thousandths of a degree. */
async function sensorsIn(directory: string, zone: RegExp, nameFile: string): Promise<Sensor[]> {
  const found: Sensor[] = [];
  const zones = await readdir(directory).catch(() => []);
  for (const each of zones.filter((one) => zone.test(one)).toSorted()) {
    const path = join(directory, each);
    const name = (await readFile(join(path, nameFile), 'utf8').catch(() => each)).trim();
    const files = await readdir(path).catch(() => []);
    for (const file of files.filter((one) => /^temp(\d+_input)?$/.test(one))) {
      const thousandths = Number(await readFile(join(path, file), 'utf8').catch(() => 'none'));
      if (Number.isFinite(thousandths)) found.push({ name, degrees: thousandths / 1_000 });
    }
  }
  return found;
}
