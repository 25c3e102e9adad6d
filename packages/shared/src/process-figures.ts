import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** One figure of this process; a counter where the name ends in `_total`. */
export interface ProcessFigure {
  readonly name: string;
  readonly help: string;
  readonly read: () => number;
}

/** How often the delay of the event loop is sampled, milliseconds: seldom, for each sample wakes it. */
const delaySampleMs = 100;
/** So long a view of the event loop lasts before it begins anew, milliseconds. */
const delayViewMs = 60_000;

/**
 * What every process is asked, under the names of the client libraries of Prometheus.
 *
 * Source: https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
 */
export function processFigures(): readonly ProcessFigure[] {
  return [...memoryFigures(), ...timeFigures(), ...loopFigures()];
}

function memoryFigures(): ProcessFigure[] {
  return [
    {
      name: 'process_resident_memory_bytes',
      help: 'Resident memory size in bytes.',
      read: () => process.memoryUsage.rss(),
    },
    {
      name: 'nodejs_heap_size_used_bytes',
      help: 'Memory that objects of JavaScript occupy in bytes.',
      read: () => process.memoryUsage().heapUsed,
    },
    {
      name: 'nodejs_external_memory_bytes',
      help: 'Memory outside of the heap that objects of JavaScript hold, in bytes.',
      read: () => process.memoryUsage().external,
    },
    {
      name: 'process_open_fds',
      help: 'Number of open file descriptors.',
      read: () => readdirSync('/proc/self/fd').length,
    },
  ];
}

function timeFigures(): ProcessFigure[] {
  return [
    {
      name: 'process_cpu_seconds_total',
      help: 'User and system CPU time spent in seconds.',
      read: () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1e6;
      },
    },
    {
      name: 'process_start_time_seconds',
      help: 'Start time of the process since the Unix epoch in seconds.',
      read: () => performance.timeOrigin / 1000,
    },
  ];
}

function loopFigures(): ProcessFigure[] {
  const delay = monitorEventLoopDelay({ resolution: delaySampleMs });
  delay.enable();
  let since = performance.now();
  const secondsAt = (percentile: number): number => {
    if (delay.count === 0) return 0;
    return Math.max(0, delay.percentile(percentile) / 1e9 - delaySampleMs / 1000);
  };
  const longest = (): number => {
    const seconds = secondsAt(100);
    if (performance.now() - since > delayViewMs) {
      delay.reset();
      since = performance.now();
    }
    return seconds;
  };
  const of = 'By how much the event loop was late, in seconds, over a minute or since last asked:';
  return [
    { name: 'nodejs_eventloop_lag_p50_seconds', help: `${of} median.`, read: () => secondsAt(50) },
    { name: 'nodejs_eventloop_lag_p99_seconds', help: `${of} p99.`, read: () => secondsAt(99) },
    { name: 'nodejs_eventloop_lag_max_seconds', help: `${of} most.`, read: longest },
  ];
}
